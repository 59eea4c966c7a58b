// The lever's browser side. Streamlit calls the default function on each run of the app with the new data.
//
// Pacing: one value is under way at a time. The next one, always the newest, goes out when the answer to the last
// is on the page, or after PATIENCE: then it replaces what a slow page is still computing. Where the lever is the last
// thing that a run sends (`last`), its answer is here once the lever is: the server works on the next while this one is
// painted.

const PATIENCE = 2000 // ms
const levers = new WeakMap() // shadow root -> lever

export default function ({ data, parentElement, setStateValue }) {
  if (!levers.has(parentElement)) levers.set(parentElement, makeLever(parentElement))
  levers.get(parentElement)(data, (move) => setStateValue("move", move))
}

function makeLever(root) {
  const part = (selector) => root.querySelector(selector)
  const [range, entry, help] = [".track input", ".entry", ".help"].map(part)
  let data, post
  let wanted = null // the newest value that is not yet sent
  let sent = { n: Date.now(), at: 0, open: false } // the last move; open until its answer is drawn
  let held = false // a finger or the mouse is on the thumb
  let complaint = "" // about what was typed last
  let described = ""

  function move(value) {
    wanted = value
    show(value)
    send()
  }

  function send() {
    if (wanted === null || !range.isConnected || (sent.open && performance.now() - sent.at < PATIENCE)) return
    sent = { n: sent.n + 1, at: performance.now(), open: true, value: wanted }
    range.ariaBusy = true // until the answer to the newest value is drawn
    post({ value: wanted, n: sent.n })
    wanted = null
    setTimeout(again, PATIENCE + 1)
  }

  // A run of something else may have cut the answer short, or the message may be lost: then nobody works on it.
  function again() {
    if (sent.open && wanted === null && performance.now() - sent.at >= PATIENCE) {
      if (running()) return setTimeout(again, PATIENCE)
      wanted = sent.value
    }
    send()
  }

  function answered() {
    sent.open = false
    send()
    settle()
  }

  function settle() {
    if (!held && !sent.open && wanted === null) show(data.value)
  }

  function update(newData, newPost) {
    data = newData
    post = newPost
    describe()
    const { n } = sent
    if (sent.open && data.answered === n) {
      if (data.last) answered()
      whenDrawn(range, () => {
        if (sent.n !== n) return
        range.ariaBusy = false
        answered()
      })
    }
    settle()
  }

  function show(value) {
    range.value = value
    const text = data.disabled ? "–" : words(value, data)
    range.setAttribute("aria-valuetext", text)
    range.style.setProperty("--filled", share(value, data))
    if (root.activeElement !== entry) entry.value = text
  }

  // Everything but the value; most runs change nothing of it.
  function describe() {
    const key = JSON.stringify([{ ...data, value: 0, answered: 0 }, complaint])
    if (key === described) return
    described = key
    const { label, low, high, step, disabled, reason, marks } = data
    part("label").textContent = label
    Object.assign(range, { min: low, max: high, step, disabled })
    entry.disabled = disabled
    entry.style.width = `${Math.max(words(low, data).length, words(high, data).length) + 3}ch`
    entry.setAttribute("aria-label", `${label}, exact value`)
    entry.title = `From ${words(low, data)} to ${words(high, data)}`
    help.hidden = !data.help
    help.setAttribute("aria-label", `Help: ${label}`)
    part(".tip").textContent = data.help
    part(".note").textContent = complaint || reason
    part(".ticks").replaceChildren(...marks.map(([, at], i) => tick(i, at, data)))
    part(".marks").replaceChildren(...marks.map(([name, at], i) => caption(i, `${name} ${words(at, data)}`)))
  }

  function typed() {
    const value = parse(entry.value, data)
    const { low, high } = data
    complaint = ""
    if (Number.isNaN(value)) complaint = `Type a number, like ${words(high, data)}.`
    else if (value < low || value > high) complaint = `Between ${words(low, data)} and ${words(high, data)}.`
    describe()
    if (!Number.isNaN(value)) move(Math.min(Math.max(value, low), high))
  }

  range.oninput = () => {
    complaint = ""
    move(range.valueAsNumber)
  }
  range.onpointerdown = ({ pointerId }) => {
    held = true
    range.setPointerCapture(pointerId) // also a release beside the track ends the hold
  }
  range.onlostpointercapture = range.onblur = () => {
    held = false
    settle()
  }

  let before = ""
  entry.onfocus = () => {
    before = entry.value
    entry.select()
  }
  entry.onblur = () => {
    if (entry.value !== before) typed()
    if (wanted === null && !sent.open) show(data.value)
    else entry.value = words(range.valueAsNumber, data)
  }
  entry.onkeydown = (event) => {
    const { key } = event
    event.stopPropagation() // Ctrl+Z takes back what was typed, not a move of the app's
    if (key === "Escape") entry.value = before
    if (key === "Escape" || key === "Enter") range.focus()
  }

  makeHelp(help)
  return update
}

// Calls back once the run that brought the answer has ended, so that a further value can't cut it short before its
// picture. Streamlit says so on its root element; were that gone, the answer itself would have to do.
function whenDrawn(element, callback) {
  const waiting = () => element.isConnected && running()
  if (!waiting()) return callback()
  const observer = new MutationObserver(() => {
    if (waiting()) return
    observer.disconnect()
    callback()
  })
  observer.observe(app(), { attributeFilter: ["data-test-script-state"] })
}

const app = () => document.querySelector("[data-test-script-state]")
const running = () => app()?.dataset.testScriptState === "running"

const scale = ({ fmt }) => (fmt === "percent" ? 100 : 1)
const share = (value, { low, high }) => Math.min(Math.max((value - low) / (high - low), 0), 1)

function words(value, { fmt, unit, decimals }) {
  const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals + 1 }
  const number = Math.abs(value * scale({ fmt })).toLocaleString("en-US", digits)
  return `${value < 0 ? "-" : ""}${fmt === "money" ? "$" : ""}${number}${unit && ` ${unit}`}`
}

// What was typed, in shown units with or without currency sign, unit and thousands separators; NaN if unreadable.
function parse(text, { fmt, unit }) {
  let bare = text.trim().replace("$", "").replace(/%$/, "")
  if (unit && bare.endsWith(unit)) bare = bare.slice(0, -unit.length)
  bare = bare.trim()
  if (/^-?[1-9]\d{0,2}(,\d{3})+(\.\d+)?$/.test(bare)) bare = bare.replaceAll(",", "")
  return bare ? Number(bare.replace(",", ".")) / scale({ fmt }) : NaN
}

function tick(i, at, data) {
  const element = document.createElement("i")
  element.className = `mark mark-${i % 3}`
  element.style.setProperty("--at", share(at, data))
  return element
}

function caption(i, text) {
  const element = document.createElement("span")
  const sign = document.createElement("i")
  sign.className = `mark mark-${i % 3}`
  sign.ariaHidden = "true"
  element.append(sign, text)
  return element
}
