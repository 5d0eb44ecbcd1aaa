// Points in time on every page: local time next to UTC, and relative times that move.
// The server renders <time datetime="2026-11-30T14:05:00+00:00">30 November 2026, 14:05 UTC</time>, and the attribute
// data-relative for "12 minutes ago". Elements that are inserted later are found by an observer.

const UNITS = [["day", 86_400], ["hour", 3_600], ["minute", 60]];
const REFRESH_MS = 20_000;
const POINTS_IN_TIME = 'time[datetime*="T"]';
const dayFormat = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric" });
const utcDayFormat = new Intl.DateTimeFormat("en-GB", { ...dayFormat.resolvedOptions(), timeZone: "UTC" });
const timeFormat = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const utcTimeFormat = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "UTC" });

/** Return a point in time as the server writes it: "30 November 2026, 14:05 UTC". */
function utc(moment) {
  return `${utcDayFormat.format(moment)}, ${utcTimeFormat.format(moment)} UTC`;
}

/** Return the local time of a moment: "15:05 your time", with the day if that differs; nothing where UTC is local. */
function local(moment) {
  if (!moment.getTimezoneOffset()) return "";
  const [day, utcDay] = [dayFormat.format(moment), utcDayFormat.format(moment)];
  return `${day === utcDay ? "" : `${day}, `}${timeFormat.format(moment)} your time`;
}

/** Return how long ago a moment was: "12 minutes ago". */
export function relative(moment, now = Date.now()) {
  const seconds = (now - moment) / 1000;
  for (const [unit, length] of UNITS) {
    const count = Math.floor(seconds / length);
    if (count >= 1) return `${count} ${unit}${count > 1 ? "s" : ""} ago`;
  }
  return "less than a minute ago";
}

function timeElement(moment, text) {
  const element = document.createElement("time");
  element.dateTime = moment.toISOString();
  element.textContent = text;
  return element;
}

/** Return nodes for a point in time, relative and absolute: "12 minutes ago (30 November 2026, 14:05 UTC)". */
export function when(datetime) {
  const moment = new Date(datetime);
  const moving = timeElement(moment, relative(moment));
  moving.dataset.relative = "";
  return [moving, " (", timeElement(moment, utc(moment)), ")"];
}

function addLocalTime(element) {
  const text = local(new Date(element.dateTime));
  element.dataset.local = text;
  if (text) element.append(` (${text})`);
}

function showLocalTimes() {
  document.querySelectorAll(`${POINTS_IN_TIME}:not([data-relative], [data-local])`).forEach(addLocalTime);
}

function moveRelativeTimes() {
  for (const element of document.querySelectorAll(`${POINTS_IN_TIME}[data-relative]`)) {
    const text = relative(new Date(element.dateTime));
    if (element.textContent !== text) element.textContent = text;
  }
}

new MutationObserver(showLocalTimes).observe(document.documentElement, { childList: true, subtree: true });
showLocalTimes();
setInterval(moveRelativeTimes, REFRESH_MS);
document.addEventListener("visibilitychange", moveRelativeTimes);
