"""What the course's speed claims rest on."""

from pathlib import Path

EPOCHS = 200
BATCH_SIZE = 20
TABLE = Path(__file__).with_name("replicates.csv")
MACHINE = Path(__file__).with_name("machine.csv")
