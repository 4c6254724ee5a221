// Opens the client's order page in a real browser and prints, as JSON, what a person needs to use it.
//
// node order_page.mjs --url URL --screenshots FOLDER [--confirm PATTERN]
//
// PATTERN is a regular expression, whatever the case: the one button whose name it matches is pressed.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import chromium from "@sparticuz/chromium";
import { chromium as playwright } from "playwright-core";

const VIEWPORTS = [
  { name: "narrow", width: 360, height: 740 },
  { name: "wide", width: 1280, height: 900 },
];
const NAVIGATION_TIMEOUT_MS = 60_000;
const CONFIRM_TIMEOUT_MS = 60_000;
const TAB_COUNT_MAX = 100;
const FINDING_COUNT_MAX = 50;
const TAP_TARGET_MIN_PX = 44;
const CONTRAST_MIN = 4.5;

// The browser runs in one process without a sandbox so that it starts as root and without system
// packages; the flag that switches the web's own security off is of no use to us.
const UNWANTED_FLAGS = new Set(["--disable-web-security", "--allow-running-insecure-content"]);

async function main() {
  const { values } = parseArgs({
    options: {
      url: { type: "string" },
      screenshots: { type: "string" },
      confirm: { type: "string" },
    },
  });
  if (!values.url || !values.screenshots) {
    throw new Error("--url and --screenshots are needed");
  }
  await mkdir(values.screenshots, { recursive: true });
  const browser = await playwright.launch({
    executablePath: await chromium.executablePath(),
    args: chromium.args.filter((flag) => !UNWANTED_FLAGS.has(flag)),
    headless: true,
    timeout: NAVIGATION_TIMEOUT_MS * 2,
  });
  try {
    // One context for all widths: in a single process, closing a context can end the browser.
    const context = await browser.newContext();
    const page = await context.newPage();
    page.setDefaultTimeout(NAVIGATION_TIMEOUT_MS);
    const report = { url: values.url, viewports: {}, confirmed: null, problems: [] };
    for (const viewport of VIEWPORTS) {
      report.viewports[viewport.name] = await visit(page, viewport, values);
    }
    if (values.confirm !== undefined) {
      report.confirmed = await confirm(page, values);
    }
    report.problems = problemsOf(report);
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  } finally {
    await browser.close();
  }
}

async function visit(page, viewport, { url, screenshots }) {
  await page.setViewportSize({ width: viewport.width, height: viewport.height });
  const response = await page.goto(url, { waitUntil: "load" });
  const screenshot = join(screenshots, `order-page-${viewport.name}.png`);
  await page.screenshot({ path: screenshot, fullPage: true });
  const measured = await page.evaluate(measure, {
    tapTargetMinPx: TAP_TARGET_MIN_PX,
    contrastMin: CONTRAST_MIN,
    findingCountMax: FINDING_COUNT_MAX,
  });
  const keyboard = await walkByKeyboard(page);
  return { width: viewport.width, status: response?.status() ?? null, screenshot, ...measured, keyboard };
}

// Runs inside the page: it must not use anything declared outside itself.
function measure({ tapTargetMinPx, contrastMin, findingCountMax }) {
  const isVisible = (element) =>
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
    element.getClientRects().length > 0;
  const describe = (element) => {
    const id = element.id ? `#${element.id}` : "";
    const text = (element.innerText || element.value || "").trim().replace(/\s+/g, " ").slice(0, 40);
    return `${element.tagName.toLowerCase()}${id} "${text}"`;
  };
  const visible = (selector) => [...document.querySelectorAll(selector)].filter(isVisible);

  const labelOf = (control) => {
    const referred = (control.getAttribute("aria-labelledby") ?? "")
      .split(/\s+/)
      .map((id) => (id ? document.getElementById(id)?.innerText : ""))
      .join(" ");
    const labels = [...(control.labels ?? [])].map((label) => label.innerText).join(" ");
    const own = control.matches("button") ? control.innerText : "";
    const value = control.matches("input[type=submit],input[type=button]") ? control.value : "";
    return [referred, control.getAttribute("aria-label"), labels, own, value, control.title]
      .map((text) => (text ?? "").trim())
      .find((text) => text !== "");
  };
  const controls = visible("input:not([type=hidden]),select,textarea,button");

  // A link inside a sentence is exempt, as in WCAG 2.5.8: its height is the line's.
  const isInSentence = (element) =>
    element.matches("a") &&
    getComputedStyle(element).display === "inline" &&
    element.parentElement.innerText.trim().length > element.innerText.trim().length;
  const tapArea = (element) => {
    const boxes = [element, ...(element.matches("input[type=checkbox],input[type=radio]") ? element.labels : [])]
      .filter(isVisible)
      .map((part) => part.getBoundingClientRect());
    return {
      width: Math.max(...boxes.map((box) => box.width)),
      height: Math.max(...boxes.map((box) => box.height)),
    };
  };
  const targets = visible("a[href],button,input:not([type=hidden]),select,textarea,summary,[role=button]");
  // Half a pixel of tolerance: layout rounds.
  const smallTargets = targets
    .filter((element) => !isInSentence(element))
    .map((element) => ({ element: describe(element), ...tapArea(element) }))
    .filter((area) => area.width < tapTargetMinPx - 0.5 || area.height < tapTargetMinPx - 0.5);

  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const colorOf = (css) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = css;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  };
  const over = (front, back) => {
    const alpha = front[3] + back[3] * (1 - front[3]);
    if (alpha === 0) return [255, 255, 255, 0];
    const mixed = [0, 1, 2].map((i) => (front[i] * front[3] + back[i] * back[3] * (1 - front[3])) / alpha);
    return [...mixed, alpha];
  };
  const backgroundBehind = (element) => {
    let color = [0, 0, 0, 0];
    for (let at = element; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.backgroundImage !== "none") return null;
      color = over(color, colorOf(style.backgroundColor));
      if (color[3] > 0.999) return color;
    }
    return over(color, [255, 255, 255, 1]);
  };
  const luminance = ([red, green, blue]) => {
    const linear = [red, green, blue].map((channel) => {
      const share = channel / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const contrast = (one, other) => {
    const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  const opacityOf = (element) => {
    let opacity = 1;
    for (let at = element; at; at = at.parentElement) opacity *= Number(getComputedStyle(at).opacity);
    return opacity;
  };
  const ownsText = (element) =>
    [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim() !== "") ||
    element.matches("input:not([type=hidden]):not([type=checkbox]):not([type=radio]),textarea,select");
  const textual = visible("body, body *").filter((element) => ownsText(element) && !element.matches(":disabled"));
  const lowContrast = [];
  const unmeasured = [];
  let lowest = null;
  for (const element of textual) {
    const background = backgroundBehind(element);
    if (background === null) {
      unmeasured.push(describe(element));
      continue;
    }
    const [red, green, blue, alpha] = colorOf(getComputedStyle(element).color);
    const ratio = contrast(over([red, green, blue, alpha * opacityOf(element)], background), background);
    lowest = lowest === null ? ratio : Math.min(lowest, ratio);
    if (ratio < contrastMin) lowContrast.push({ element: describe(element), ratio: Number(ratio.toFixed(2)) });
  }

  const root = document.documentElement;
  return {
    title: document.title,
    lang: root.lang,
    h1: [...document.querySelectorAll("h1")].map((heading) => heading.innerText.trim()),
    scrollWidth: root.scrollWidth,
    hasHorizontalScroll: root.scrollWidth > root.clientWidth,
    controlCount: controls.length,
    unlabelledControls: controls.filter((control) => !labelOf(control)).map(describe).slice(0, findingCountMax),
    smallTapTargets: smallTargets.slice(0, findingCountMax),
    textCount: textual.length,
    lowestContrast: lowest === null ? null : Number(lowest.toFixed(2)),
    lowContrast: lowContrast.slice(0, findingCountMax),
    unmeasuredContrast: unmeasured.slice(0, findingCountMax),
  };
}

// Presses Tab until focus comes round, and notes what was reached and whether one can see where one is.
async function walkByKeyboard(page) {
  const expected = await page.evaluate(markFocusable);
  const reached = new Set();
  const withoutVisibleFocus = [];
  let presses = 0;
  for (; presses < Math.min(expected.length * 2 + 2, TAB_COUNT_MAX) && reached.size < expected.length; presses += 1) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(lookAtFocus);
    if (focused === null || reached.has(focused.mark)) continue;
    reached.add(focused.mark);
    if (!focused.isFocusVisible) withoutVisibleFocus.push(expected[focused.mark].name);
  }
  return {
    expectedCount: expected.length,
    reached: [...reached].map((mark) => expected[mark].name),
    unreached: expected.filter((_, mark) => !reached.has(mark)).map((element) => element.name),
    withoutVisibleFocus,
  };
}

// Runs inside the page: numbers what a keyboard must reach and remembers how it looks without focus.
function markFocusable() {
  document.activeElement?.blur();
  window.scrollTo(0, 0);
  const seenRadioGroups = new Set();
  const elements = [
    ...document.querySelectorAll(
      "a[href],button:enabled,input:enabled:not([type=hidden]),select:enabled,textarea:enabled,summary",
    ),
  ].filter((element) => {
    if (!element.checkVisibility({ visibilityProperty: true }) || element.getClientRects().length === 0) return false;
    if (element.type !== "radio" || !element.name) return true;
    // Tab stops once in a group of radio buttons: at the chosen one, or the first.
    const group = [...document.getElementsByName(element.name)];
    const stop = group.find((radio) => radio.checked) ?? group[0];
    if (element !== stop || seenRadioGroups.has(element.name)) return false;
    seenRadioGroups.add(element.name);
    return true;
  });
  window.looksWithoutFocus = elements.map((element) => {
    const style = getComputedStyle(element);
    return [style.outline, style.boxShadow, style.border, style.backgroundColor, style.textDecoration].join("|");
  });
  return elements.map((element, mark) => {
    element.dataset.keyboardMark = String(mark);
    const text = (element.innerText || element.value || element.name || "").trim().replace(/\s+/g, " ");
    return { name: `${element.tagName.toLowerCase()} "${text.slice(0, 40)}"` };
  });
}

// Runs inside the page: which marked element has focus, and does it look different from before?
function lookAtFocus() {
  const element = document.activeElement;
  if (!element?.dataset?.keyboardMark) return null;
  const mark = Number(element.dataset.keyboardMark);
  const style = getComputedStyle(element);
  const look = [style.outline, style.boxShadow, style.border, style.backgroundColor, style.textDecoration].join("|");
  const hasOutline = style.outlineStyle !== "none" && Number.parseFloat(style.outlineWidth) > 0;
  return { mark, isFocusVisible: hasOutline || look !== window.looksWithoutFocus[mark] };
}

async function confirm(page, { url, screenshots, confirm: name }) {
  await page.setViewportSize({ width: VIEWPORTS[0].width, height: VIEWPORTS[0].height });
  await page.goto(url, { waitUntil: "load" });
  const button = page.getByRole("button", { name: new RegExp(name, "i") });
  if ((await button.count()) !== 1) {
    return { button: name, isClicked: false, buttons: await page.getByRole("button").allInnerTexts() };
  }
  // A page that needs a name and a tick before it lets one confirm gets them, as a person would give them.
  for (const field of await page.locator("input[type=text][required]").all()) await field.fill("Sofie Janssens");
  for (const box of await page.locator("input[type=checkbox][required]").all()) await box.check();
  const before = await page.locator("body").innerText();
  const answered = page
    .waitForResponse((response) => response.request().method() === "POST", { timeout: CONFIRM_TIMEOUT_MS })
    .catch(() => null);
  await button.focus();
  await page.keyboard.press("Enter");
  const response = await answered;
  await page.waitForLoadState("load", { timeout: CONFIRM_TIMEOUT_MS });
  await page
    .waitForFunction((old) => document.body.innerText !== old, before, { timeout: CONFIRM_TIMEOUT_MS })
    .catch(() => null);
  const screenshot = join(screenshots, "order-page-confirmed.png");
  await page.screenshot({ path: screenshot, fullPage: true });
  return {
    button: name,
    isClicked: true,
    status: response?.status() ?? null,
    url: page.url(),
    text: await page.locator("body").innerText(),
    buttons: await page.getByRole("button").allInnerTexts(),
    screenshot,
  };
}

function problemsOf(report) {
  const problems = [];
  for (const [name, view] of Object.entries(report.viewports)) {
    const say = (problem) => problems.push(`${name}: ${problem}`);
    if (view.status !== 200) say(`the page answers ${view.status}`);
    if (!view.lang) say("the page does not name its language");
    if (view.h1.length !== 1) say(`${view.h1.length} headings of level 1 instead of one`);
    if (view.hasHorizontalScroll) say(`the page is ${view.scrollWidth} px wide and scrolls sideways`);
    for (const control of view.unlabelledControls) say(`no label: ${control}`);
    for (const { element, width, height } of view.smallTapTargets) {
      say(`smaller than ${TAP_TARGET_MIN_PX} px (${Math.round(width)} x ${Math.round(height)}): ${element}`);
    }
    for (const { element, ratio } of view.lowContrast) say(`contrast ${ratio} is below ${CONTRAST_MIN}: ${element}`);
    for (const element of view.unmeasuredContrast) say(`text on an image, contrast unknown: ${element}`);
    for (const element of view.keyboard.unreached) say(`not reached by Tab: ${element}`);
    for (const element of view.keyboard.withoutVisibleFocus) say(`focus is invisible: ${element}`);
  }
  if (report.confirmed && !report.confirmed.isClicked) problems.push(`not exactly one button is named like ${report.confirmed.button}`);
  return problems;
}

await main();
