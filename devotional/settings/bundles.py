"""What each bundle of styles and scripts is made of. A new file of `static/` has its line here."""

# One file made of several, in order; read by BundleFinder.
STATIC_BUNDLES: dict[str, list[str]] = {
    "css/site.css": [
        "css/fonts.css",
        "css/tokens.css",
        "css/base.css",
        "css/prose.css",
        "css/forms.css",
        "css/panel.css",
        "css/lookback.css",
        "css/pages.css",
        "css/offline.css",
        "css/large-text.css",
        "css/print.css",
    ],
    "js/site.js": [
        "js/aa.js",
        "js/share.js",
        "js/place.js",
        "js/resume.js",
        "js/together.js",
        "js/invited.js",
        "js/times.js",
        "js/grow.js",
        "js/ask-again.js",
        "js/local.js",
        "js/writing.js",
        "js/outbox.js",
        "js/offline.js",
        "js/back.js",
        "js/copy.js",
        "js/leaving.js",
    ],
}
# A reader's own pages have more to do. One script there too: two would each keep a state of their
# own of what they share.
STATIC_BUNDLES["js/private.js"] = [
    *STATIC_BUNDLES["js/site.js"],
    "js/who.js",
    "js/left.js",
    "js/passkeys.js",
    "js/reveal.js",
    "js/choosing.js",
    "js/journal.js",
    "js/time-zone.js",
    "js/search.js",
]
STATIC_BUNDLES["css/private.css"] = [
    "css/account.css",
    "css/signing-in.css",
    "css/rights.css",
    "css/journal.css",
    "css/hinges.css",
    "css/sharing.css",
    "css/export.css",
    "css/groups.css",
    "css/joining.css",
    "css/inviting.css",
]
