"""The pages for people: what a browser loads of them. They are one more client of the API, and know no other part.

`static/` holds them as they are written: a shell for each view (`jobs.html`), style sheets (`css/`), ECMAScript modules
(`js/`) and catalogues of messages (`i18n/LANGUAGE/PART.json`). Nothing is built beforehand, and nothing comes from
elsewhere: what travels is packed when it is first asked for (`packs`, `lean`), and `?source` behind a view's address
has the files as they are written."""
