// The headline figures' browser side: built once, then only the texts that change.

const rows = new WeakMap() // shadow root -> figures by label

export default function ({ data, parentElement }) {
  const list = parentElement.querySelector(".figures")
  if (!rows.has(parentElement)) rows.set(parentElement, new Map())
  const made = rows.get(parentElement)
  for (const figure of data) {
    if (!made.has(figure.label)) {
      made.set(figure.label, makeFigure(figure.label))
      list.append(made.get(figure.label))
    }
    update(made.get(figure.label), figure)
  }
}

function makeFigure(label) {
  const figure = document.createElement("div")
  figure.className = "figure"
  figure.innerHTML = `
    <dt><span class="label"></span>
      <button class="help" type="button" aria-expanded="false">?</button><div class="tip" role="note"></div></dt>
    <dd class="value"></dd>
    <dd><span class="change"></span> <span class="spread"></span></dd>`
  const [help, tip] = [".help", ".tip"].map((part) => figure.querySelector(part))
  figure.querySelector(".label").textContent = label
  help.setAttribute("aria-label", `Help: ${label}`)
  makeHelp(help, () => {
    tip.style.left = `min(${figure.offsetLeft}px, 100% - var(--wide))` // within the row, also for the last figure
  })
  return figure
}

function update(figure, { value, change, spread, tone, arrow, help }) {
  const shown = figure.querySelector(".change")
  put(figure.querySelector(".value"), value)
  put(shown, change)
  Object.assign(shown.dataset, { tone, arrow })
  put(figure.querySelector(".spread"), spread)
  put(figure.querySelector(".tip"), help)
}

function put(element, text) {
  if (element.textContent !== text) element.textContent = text
}
