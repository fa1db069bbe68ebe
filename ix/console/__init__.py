"""The pages for people: what a browser loads of them. They are one more client of the API, and know no other part.

`static/` holds them as they are written: a shell for each view (`jobs.html`), style sheets (`css/`), ECMAScript modules
(`js/`) and catalogues of messages (`i18n/LANGUAGE/PART.json`). Nothing is built, and nothing comes from elsewhere."""
