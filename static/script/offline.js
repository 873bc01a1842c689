/** Lets the pages open without a network, where the browser allows it (https or localhost). */
export function workOffline() {
  // A browser that refuses, for instance in a private window, only loses this.
  navigator.serviceWorker?.register('/offline-worker.js').catch(() => {})
}
