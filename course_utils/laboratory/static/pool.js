// Hands trainings to up to eight Web Workers and passes on what they report.

const WORKERS = 8;

/**
 * @param startPort makes a port behind which `serve` listens: a worker, or one end of a channel.
 * @param onReport gets every report of the trainings that are still wanted.
 */
export function createPool(startPort, onReport) {
  const workers = [];
  let queue = [], shown = null;

  const next = (worker) => {
    worker.task = queue.shift() ?? null;
    if (worker.task) worker.port.postMessage({ ...worker.task, shown: worker.task.job === shown });
  };
  const hear = (worker, report) => {
    if (report.job !== worker.task?.job) return; // of a training that was stopped
    if (report.done) next(worker);
    onReport(report);
  };
  const start = () => {
    const worker = { port: null, task: null };
    startPort((port) => {
      worker.port = port; // again if a worker could not start and its work goes on in the page
      port.onmessage = ({ data }) => hear(worker, data);
      if (worker.task) port.postMessage({ ...worker.task, shown: worker.task.job === shown });
    });
    return worker;
  };

  return {
    /** Train all `tasks`, {job, setting, seed, frame}, instead of what was running; job names are never used twice. */
    train(tasks) {
      queue = [...tasks];
      while (workers.length < Math.min(WORKERS, queue.length)) workers.push(start());
      for (const worker of workers) {
        worker.port.postMessage({ stop: true });
        next(worker);
      }
    },
    stop() {
      queue = [];
      for (const worker of workers) {
        worker.task = null;
        worker.port.postMessage({ stop: true });
      }
    },
    /** Change strengths and rates of the jobs that are running or waiting. */
    change(jobs, live) {
      for (const task of queue) if (jobs.has(task.job)) task.setting = { ...task.setting, ...live };
      for (const { port, task } of workers) if (jobs.has(task?.job)) port.postMessage({ live });
    },
    /** Send live pictures of this job alone. */
    show(job) {
      shown = job;
      for (const { port, task } of workers) port.postMessage({ shown: task?.job === job });
    },
  };
}

/** Start workers from the program's own text; where that is forbidden, train in the page, slice by slice. */
export function startPorts(programText, serve) {
  const address = URL.createObjectURL(new Blob([`(${programText})().worker.serve(self)`], { type: "text/javascript" }));
  let forbidden = false;
  const inPage = () => {
    const { port1, port2 } = new MessageChannel();
    serve(port2);
    return port1;
  };
  return (use) => {
    if (forbidden) return use(inPage());
    try {
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
