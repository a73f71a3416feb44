// Barcode scanners that are keyboards type the separator of GS1 element strings (FNC1, U+001D) as
// Ctrl+], which browsers drop. In the search field it becomes the visible sign for it, which the
// service reads as the separator. Without this script only codes whose fields need no separator
// are read whole; the service notices where one was lost.

const SEPARATOR = "\u241d";

/** Put the sign where the cursor is. */
function separate(field) {
  field.setRangeText(SEPARATOR, field.selectionStart, field.selectionEnd, "end");
}

const field = document.querySelector("#q");
// A scanner types at once, and nobody clicks. On a phone a keyboard would cover the page.
if (field && !field.value && matchMedia("(hover: hover)").matches) {
  field.focus();
}
field?.addEventListener("keydown", (event) => {
  if ((event.ctrlKey && event.key === "]") || event.key === "\u001d") {
    event.preventDefault();
    separate(field);
  }
});
