// A reader's own pages.
import "./personal.js";
import "./ui/choosing.js";
import "./ui/clocks.js";
import "./ui/forms.js";
import "./ui/journal.js";
