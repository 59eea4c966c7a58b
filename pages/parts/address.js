// Tells the app when the scenario has come to rest, so that a drag is one entry of the browser's history, not a hundred.

const REST = 600 // ms without another scenario
const watched = new WeakMap() // shadow root -> what it saw last

export default function ({ data, parentElement, setTriggerValue }) {
  const last = watched.get(parentElement)
  if (last?.query === data.query) return // also after the answer: each scenario is reported once
  clearTimeout(last?.timer)
  const report = () => {
    if (location.search.slice(1) !== data.query) setTriggerValue("rest", true)
  }
  watched.set(parentElement, { query: data.query, timer: setTimeout(report, REST) })
}
