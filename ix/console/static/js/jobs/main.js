// @ts-check
import { ready } from "../dom.js";
import { t } from "../i18n.js";
import { shell } from "../shell.js";
await shell(t("nav.jobs"));
ready();
