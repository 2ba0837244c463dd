// Says on the page of a draft why what was typed is not stored, until it is: no answer, signed out, another tab, a fault.
// The words are in the page, in the reader's language (prescribe.html); without scripts nothing is stored by itself.
"use strict";

document.addEventListener("htmx:finally:request", (event) => {
  const note = document.getElementById("unsaved");
  if (note === null) return;
  const response = event.detail.ctx.response;
  const status = response ? response.status : 0;
  const why = status === 0 ? "no-answer" : status === 401 || status === 403 ? "signed-out" : status === 409 ? "changed" : "fault";
  for (const text of note.children) {
    text.hidden = (status >= 200 && status < 400) || text.dataset.why !== why;
  }
});
