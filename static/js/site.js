// The public pages work without this: it shows pictures larger in place, and fetches more of them.
import "./site/lightbox.js";
import "./site/more.js";
