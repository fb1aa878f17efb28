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
