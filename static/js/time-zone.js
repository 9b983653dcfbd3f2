// By which clocks a group meets: by this device's, until someone chose others (T7).
const select = document.querySelector("select[data-own-zone]");
const own = Intl.DateTimeFormat().resolvedOptions().timeZone;

// An old name for a place may not be in the list; then the site's own stands.
if (select && [...select.options].some((option) => option.value === own)) select.value = own;
