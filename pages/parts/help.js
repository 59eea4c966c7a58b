// A question mark that tells more: the mouse opens it by pointing, finger and keyboard by pressing. `place` is called
// before it opens. (Handlers in braces: one that returns false would keep the key from the browser.)
function makeHelp(help, place = () => {}) {
  const open = (shown) => {
    if (shown) place()
    help.ariaExpanded = shown
  }
  const point = ({ type, pointerType }) => {
    if (pointerType === "mouse") open(type === "pointerenter")
  }
  help.onpointerenter = help.onpointerleave = point
  help.onclick = ({ pointerType }) => open(pointerType === "mouse" || help.ariaExpanded !== "true")
  help.onblur = () => open(false)
  help.onkeydown = ({ key }) => {
    if (key === "Escape") open(false)
  }
}
