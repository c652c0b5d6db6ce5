import io

import matplotlib.pyplot as plt
from PIL import Image

from course_utils._pictures import small_png


def test_a_picture_is_opaque_of_few_colours_and_the_same_at_each_run():
    figure, ax = plt.subplots(figsize=(3, 2))
    ax.imshow([[0, 1], [2, 3]])
    data = small_png(figure, dpi=100)
    picture = Image.open(io.BytesIO(data))
    assert picture.size == (300, 200)
    assert len(picture.getcolors()) <= 64
    assert picture.convert("RGBA").getpixel((0, 0)) == (255, 255, 255, 255)
    assert data == small_png(figure, dpi=100)
