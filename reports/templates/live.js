// Follows the runs: a state for each, as it changes. Everything is set as text; nothing that comes is markup.
(function () {
  'use strict';
  var marks = { pass: '✓', part: '◐', marginal: '▲', fail: '✕', 'not-tested': '◇', unclear: '…' };
  var runs = document.getElementById('runs'), model = document.getElementById('run');
  var words = document.getElementById('words').dataset, connection = document.getElementById('connection');

  function section(index) {
    while (runs.children.length <= index) runs.appendChild(model.content.cloneNode(true));
    return runs.children[index];
  }

  function show(run, index) {
    var place = section(index);
    function set(name, text) { place.querySelector('.' + name).textContent = text || ''; }
    set('machine', [run.machine, run.plan, run.folder].filter(Boolean).join(' · '));
    set('mark', marks[run.state.mark]);
    set('word', run.state.word);
    place.querySelector('.verdict').className = 'verdict ' + run.state.mark;
    set('headline', run.headline);
    place.querySelector('progress').value = run.fraction || 0;
    set('percent', Math.round(100 * (run.fraction || 0)) + ' %');
    set('left', run.left ? run.left + ' ' + words.left : '');
    set('temperature', run.temperature);
    set('count', run.count);
    set('doing', run.doing);
    var findings = place.querySelector('.findings'), trials = place.querySelector('.trials');
    findings.replaceChildren.apply(findings, (run.findings || []).map(function (finding) {
      var item = document.createElement('li');
      item.textContent = marks[finding.state.mark] + ' ' + finding.state.word + ': ' + finding.title + ': ' + finding.text;
      return item;
    }));
    place.querySelector('.none').hidden = (run.findings || []).length > 0;
    trials.replaceChildren.apply(trials, (run.trials || []).map(function (trial) {
      var row = document.createElement('tr');
      [marks[trial.state.mark] + ' ' + trial.state.word, trial.what, trial.time].forEach(function (text, column) {
        var cell = document.createElement('td');
        cell.textContent = text;
        if (column === 2) cell.className = 'number';
        row.appendChild(cell);
      });
      return row;
    }));
  }

  var events = new EventSource('events' + location.search);
  events.onmessage = function (event) {
    connection.textContent = '';
    var all = JSON.parse(event.data);
    all.forEach(show);
    document.title = all.map(function (run) { return Math.round(100 * (run.fraction || 0)) + ' % ' + run.state.word; }).join(', ') + ' · Assay';
  };
  events.onerror = function () { connection.textContent = connection.dataset.lost; };
})();
