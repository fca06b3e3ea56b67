// Words whose contrast with what is under them is less than 4.5, each with its ratio.
() => {
  const linear = (v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\d.]+/g).slice(0, 3).map(Number).map(linear);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const under = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor;
      if (!/, 0\)$/.test(colour) && colour !== "transparent") return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const poor = [];
  const words = "h1, h2, h3, p, dt, dd, td, th, a, code, figcaption, summary, svg text";
  for (const element of document.querySelectorAll(words)) {
    const text = element.textContent.trim();
    if (!text || !element.getClientRects().length) continue;
    const drawing = element.closest("svg");
    const style = getComputedStyle(element);
    const pair = [drawing ? style.fill : style.color, under(drawing ? drawing.parentElement : element)];
    const [a, b] = pair.map(light);
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) poor.push(`${element.tagName} ${text.slice(0, 30)}: ${ratio.toFixed(2)}`);
  }
  return poor;
};
