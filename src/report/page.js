/* Part of the report page (page.h).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
'use strict';
for (const viewer of document.querySelectorAll('.viewer')) {
  const frames = [...viewer.querySelectorAll('.gallery figure')];
  const slider = viewer.querySelector('input');
  const button = viewer.querySelector('button');
  const say = viewer.querySelector('output');
  let timer = 0;

  const show = k => {
    const i = (k + frames.length) % frames.length;
    frames.forEach((frame, n) => { frame.hidden = n !== i; });
    slider.value = i;
    say.textContent = frames[i].dataset.time;
    slider.setAttribute('aria-valuetext', frames[i].dataset.time);
  };
  const stop = () => {
    clearInterval(timer);
    timer = 0;
    button.textContent = 'Play';
  };
  const play = () => {
    timer = setInterval(() => show(Number(slider.value) + 1), 250);
    button.textContent = 'Pause';
  };

  slider.max = frames.length - 1;
  slider.addEventListener('input', () => { stop(); show(Number(slider.value)); });
  button.addEventListener('click', () => { if (timer) stop(); else play(); });
  viewer.querySelector('.gallery').addEventListener('keydown', event => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    stop();
    show(Number(slider.value) + step);
  });
  viewer.querySelector('.gallery').tabIndex = 0;
  viewer.classList.add('js');
  show(0);
}

for (const section of document.querySelectorAll('.curves')) {
  const box = section.querySelector('.readout');
  if (!box) continue;
  const data = JSON.parse(section.querySelector('script').textContent);
  const svg = section.querySelector('.plot svg');
  const slider = box.querySelector('input');
  const say = box.querySelector('output');
  const body = box.querySelector('tbody');
  const size = svg.viewBox.baseVal;
  const line = document.createElementNS(svg.namespaceURI, 'line');
  const rows = data.curves.map(curve => {
    const row = body.insertRow();
    const name = document.createElement('th');
    const swatch = document.createElement('span');
    swatch.className = 'swatch';
    swatch.style.background = curve.colour;
    name.scope = 'row';
    name.className = 'name';
    name.append(swatch, curve.name);
    row.append(name);
    return [row.insertCell(), row.insertCell()];
  });

  const nearest = (times, at) => {
    let best = 0;
    times.forEach((t, i) => { if (Math.abs(t - at) < Math.abs(times[best] - at)) best = i; });
    return best;
  };
  const digits = (value, n) => value === null || value === undefined ? '–' : value.toFixed(n);
  const area = value => value === null ? '–'
    : `${value.toFixed(Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1))))} ${data.square}`;
  const read = share => {
    const at = data.lo + share * (data.hi - data.lo);
    const words = data.unit ? `${at.toPrecision(4)} ${data.unit}` : `frame ${Math.round(at)}`;
    const x = size.width * (data.left + share * (data.right - data.left));
    line.setAttribute('x1', x);
    line.setAttribute('x2', x);
    data.curves.forEach((curve, i) => {
      const k = nearest(curve.t, at);
      rows[i][0].textContent = area(curve.a[k]);
      rows[i][1].textContent = digits(curve.e[k], 3);
    });
    say.textContent = words;
    slider.value = 1000 * share;
    slider.setAttribute('aria-valuetext', words);
  };

  line.setAttribute('y1', 0);
  line.setAttribute('y2', size.height);
  line.setAttribute('class', 'cursor');
  svg.append(line);
  svg.addEventListener('pointermove', event => {
    const edge = svg.getBoundingClientRect();
    const x = (event.clientX - edge.left) / edge.width;
    read(Math.min(1, Math.max(0, (x - data.left) / (data.right - data.left))));
  });
  slider.addEventListener('input', () => read(slider.value / 1000));
  box.hidden = false;
  read(1);
}
