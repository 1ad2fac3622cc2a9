// Going on after the person was signed out: the files stay, and the form gets the token of the new session.

/** Whether the person is signed in; if so, every form on this page has the token of this session now. */
export async function renewToken() {
  const page = await freshPage();
  const token = page?.querySelector("meta[name=csrf-token]")?.content;
  if (!token || !page.querySelector("form[data-upload]")) return false;
  document.querySelector("meta[name=csrf-token]").content = token;
  for (const field of document.querySelectorAll("input[name=csrf_token]")) field.value = token;
  return true;
}

async function freshPage() {
  try {
    const response = await fetch(location.href, { headers: { Accept: "text/html" } });
    return response.ok ? new DOMParser().parseFromString(await response.text(), "text/html") : null;
  } catch {
    return null; // no connection: as good as not signed in, it is asked again
  }
}
