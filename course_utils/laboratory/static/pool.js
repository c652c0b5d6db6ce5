// Hands trainings to Web Workers and passes on what they report.

const AT_ONCE = 8; // trainings that go on together

/**
 * A worker for each training, but no more than the machine has cores: those of one worker take turns. More workers
 * than cores would train no faster, and the page would wait for its turn among them.
 *
 * @param startPort makes a port behind which `serve` listens: a worker, or one end of a channel.
 * @param onReport gets every report of the trainings that are still wanted.
 */
export function createPool(startPort, onReport) {
  const workers = [];
  const most = Math.min(AT_ONCE, navigator.hardwareConcurrency || 2);
  let queue = [], shown = null;

  const hand = (worker, task) => {
    worker.tasks.set(task.job, task);
    worker.port.postMessage({ ...task, shown });
  };
  const handOut = () => {
    const room = Math.ceil(AT_ONCE / workers.length);
    while (queue.length > 0) {
      const freest = workers.reduce((a, b) => (b.tasks.size < a.tasks.size ? b : a));
      if (freest.tasks.size >= room) return;
      hand(freest, queue.shift());
    }
  };
  const hear = (worker, report) => {
    if (!worker.tasks.has(report.job)) return; // of a training that was stopped
    if (report.done) worker.tasks.delete(report.job);
    handOut();
    onReport(report);
  };
  const start = () => {
    const worker = { port: null, tasks: new Map() };
    startPort((port) => {
      worker.port = port; // again if a worker could not start and its work goes on in the page
      port.onmessage = ({ data }) => hear(worker, data);
      for (const task of worker.tasks.values()) port.postMessage({ ...task, shown });
    });
    return worker;
  };
  const stop = () => {
    for (const { port, tasks } of workers) {
      tasks.clear();
      port.postMessage({ stop: true });
    }
  };

  return {
    /** Train all `tasks`, {job, setting, seed, frame}, instead of what was running; job names are never used twice. */
    train(tasks) {
      queue = [...tasks];
      while (workers.length < Math.min(most, queue.length)) workers.push(start());
      stop();
      if (workers.length > 0) handOut();
    },
    stop() {
      queue = [];
      stop();
    },
    /** Change strengths and rates of the jobs that are running or waiting. */
    change(jobs, live) {
      for (const task of queue) if (jobs.has(task.job)) task.setting = { ...task.setting, ...live };
      for (const { port, tasks } of workers) {
        port.postMessage({ live, jobs: [...tasks.keys()].filter((job) => jobs.has(job)) });
      }
    },
    /** Send live pictures of this job alone. */
    show(job) {
      shown = job;
      for (const { port } of workers) port.postMessage({ shown });
    },
  };
}

/** Start workers from the program's own text; where that is forbidden, train in the page, slice by slice. */
export function startPorts(program, serve) {
  let address = null, forbidden = false;
  const inPage = () => {
    const { port1, port2 } = new MessageChannel();
    serve(port2);
    return port1;
  };
  return (use) => {
    if (forbidden) return use(inPage());
    try {
      address ??= URL.createObjectURL(new Blob([`(${program})().worker.serve(self)`], { type: "text/javascript" }));
      const worker = new Worker(address);
      worker.onerror = (event) => {
        event.preventDefault();
        forbidden = true;
        use(inPage());
      };
      use(worker);
    } catch {
      forbidden = true;
      use(inPage());
    }
  };
}
