// Tells the app when the scenario has come to rest, so that a drag is one entry of the browser's history, not a hundred.

const REST = 600 // ms without another scenario
const AGAIN = 3000 // ms until it is said again: a run that was under way may have missed it
const timers = new WeakMap() // shadow root -> timer

// Called on each run of the app. due: the address does not say yet what is on the screen.
export default function ({ data, parentElement, setTriggerValue }) {
  const wait = (ms) => timers.set(parentElement, setTimeout(report, ms))
  const report = () => {
    if (!parentElement.isConnected) return
    // Not into a run: it would be cut short, and the answer to a lever lost with it.
    if (document.querySelector("[data-test-script-state=running]")) return wait(REST)
    setTriggerValue("rest", true)
    wait(AGAIN)
  }
  clearTimeout(timers.get(parentElement))
  if (data.due) wait(REST)
}
