// Filter, sort and zoom: comfort only; the page says everything without them.
(function () {
  'use strict';
  function each(list, act) { Array.prototype.forEach.call(list, act); }

  each(document.querySelectorAll('table.sortable'), function (table) {
    each(table.tHead.rows[0].cells, function (cell, column) {
      var button = document.createElement('button');
      button.type = 'button';
      button.textContent = cell.textContent;
      cell.textContent = '';
      cell.appendChild(button);
      button.addEventListener('click', function () {
        var down = cell.getAttribute('aria-sort') === 'ascending';
        each(table.tHead.rows[0].cells, function (other) { other.removeAttribute('aria-sort'); });
        cell.setAttribute('aria-sort', down ? 'descending' : 'ascending');
        sort(table, column, down ? -1 : 1);
      });
    });
  });

  function key(row, column) {
    var cell = row.cells[column];
    var text = cell.dataset.value || cell.textContent.trim();
    var number = parseFloat(text.replace(',', '.'));
    return isNaN(number) || /^[^-0-9.]/.test(text) ? text : number;
  }

  // A trial and its details are one body; a table of single rows has one body.
  function sort(table, column, direction) {
    var groups = table.classList.contains('trials') ? Array.from(table.tBodies) : Array.from(table.tBodies[0].rows);
    var keyed = groups.map(function (group) { return [key(group.rows ? group.rows[0] : group, column), group]; });
    keyed.sort(function (a, b) {
      var order = typeof a[0] === 'number' && typeof b[0] === 'number' ? a[0] - b[0] : String(a[0]).localeCompare(String(b[0]));
      return direction * order;
    });
    var parent = groups.length ? groups[0].parentNode : null;
    keyed.forEach(function (pair) { parent.appendChild(pair[1]); });
  }

  // Paper has no filter and no zoom: what is printed is whole.
  var restore = [];
  window.addEventListener('beforeprint', function () { restore.forEach(function (act) { act(); }); });

  var filter = document.querySelector('.filter');
  var bodies = document.querySelectorAll('table.trials tbody');
  if (filter) {
    var result = filter.querySelector('select'), words = filter.querySelector('input'), shown = filter.querySelector('output');
    filter.hidden = false;
    var apply = function () {
      var wanted = words.value.toLowerCase(), count = 0;
      each(bodies, function (body) {
        var fits = (!result.value || body.classList.contains(result.value)) && body.textContent.toLowerCase().indexOf(wanted) >= 0;
        body.hidden = !fits;
        count += fits ? 1 : 0;
      });
      shown.textContent = count + ' / ' + bodies.length;
    };
    result.addEventListener('change', apply);
    words.addEventListener('input', apply);
    apply();
    restore.push(function () {
      result.value = words.value = '';
      apply();
    });
  }

  // Pull over the chart to zoom into a span of time; a double click, or Escape, shows the whole again.
  var chart = document.getElementById('course-chart');
  if (chart) {
    var whole = chart.getAttribute('viewBox'), from = null;
    chart.setAttribute('tabindex', '0');
    var place = function (event) {
      var box = chart.viewBox.baseVal, area = chart.getBoundingClientRect();
      return box.x + (event.clientX - area.left) / area.width * box.width;
    };
    var show = function (left, width) {
      var parts = whole.split(' ');
      // The height stays while a part is shown: only time is stretched.
      chart.style.height = left === null ? '' : chart.getBoundingClientRect().height + 'px';
      width = Math.max(10, Math.min(1000, width));
      chart.setAttribute('viewBox', left === null ? whole : [left, parts[1], width, parts[3]].join(' '));
      chart.setAttribute('preserveAspectRatio', left === null ? 'xMidYMid' : 'none');
    };
    chart.addEventListener('pointerdown', function (event) { from = place(event); });
    chart.addEventListener('pointerup', function (event) {
      var to = place(event);
      if (from !== null && Math.abs(to - from) > 8) show(Math.min(from, to), Math.abs(to - from));
      from = null;
    });
    restore.push(function () { show(null); });
    chart.addEventListener('dblclick', function () { show(null); });
    chart.addEventListener('keydown', function (event) {
      var box = chart.viewBox.baseVal;
      if (event.key === 'Escape' || event.key === '0') show(null);
      if (event.key === '+') show(box.x + box.width / 4, box.width / 2);
      if (event.key === '-') show(Math.max(0, box.x - box.width / 2), Math.min(1000, box.width * 2));
    });
  }
})();
