// What every admin page needs: saying something to a screen reader, and posting as this person.

/** Say it politely in the page's one live region. */
export function announce(words) {
  const region = document.getElementById("announcements");
  region.textContent = "";
  // A region that is emptied and filled in one go says nothing when the words are the same as before.
  setTimeout(() => { region.textContent = words; }, 50);
}

/** The token that every POST of this page carries. */
export function csrfToken() {
  return document.querySelector("meta[name=csrf-token]").content;
}

/** Send fields or a FormData as this person; the Response, whatever its status. */
export function post(url, fields = {}) {
  const body = fields instanceof FormData ? fields : new URLSearchParams(fields);
  return fetch(url, { method: "POST", body, headers: { "X-CSRFToken": csrfToken() } });
}

const notices = [...document.querySelectorAll("[data-announce]")].map((notice) => notice.textContent.trim());
if (notices.length) announce(notices.join(" "));
