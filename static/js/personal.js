// Where someone's own words are, or wait on this device: saving, signing out, and dates as they say
// them.
import "./autosave/index.js";
import "./session/returning.js";
import "./session/sign_out.js";
import "./ui/grow.js";
import "./ui/times.js";
