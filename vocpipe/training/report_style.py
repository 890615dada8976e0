"""How a report looks, by day and by night."""

STYLE = """
:root { color-scheme: light dark; --ink: #1d2129; --dim: #5b6472; --paper: #ffffff; --line: #d9dee6;
  --right: #1f6f8b; --wrong: #b4512d; --good: #1c7a43; --bad: #b3261e }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ee; --dim: #9aa4b2; --paper: #14171c; --line: #343b46;
    --right: #5fb4d0; --wrong: #e08a63; --good: #6fcf97; --bad: #f28b82 }
}
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif }
main { max-width: 1000px; margin: 0 auto; padding: 1rem 1.2rem 4rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.2rem; margin-top: 2.2rem } h3 { font-size: 1rem; margin-bottom: .3rem }
.note { color: var(--dim); border-left: 3px solid var(--wrong); padding-left: .7rem }
.wide { overflow-x: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
th, td { text-align: right; padding: .25rem .6rem; border-bottom: 1px solid var(--line); font-weight: normal; white-space: nowrap }
thead th { color: var(--dim); font-size: .85em }
tr > :first-child { text-align: left }
table.mistakes td:nth-child(2), table.mistakes thead th:nth-child(2) { text-align: left; white-space: normal; min-width: 22rem; overflow-wrap: anywhere }
table.mistakes td:nth-child(3), table.mistakes td:nth-child(4) { text-align: left }
small { color: var(--dim) }
.better { color: var(--good) } .worse { color: var(--bad); font-weight: bold } .same { color: var(--dim) }
details { margin: .4rem 0 } summary { cursor: pointer }
figure { margin: 1.2rem 0 } figcaption { font-weight: bold; margin-bottom: .3rem }
svg { height: auto; margin-right: 1.5rem }
svg text { fill: var(--ink); font-family: system-ui, sans-serif }
svg text.dark { fill: var(--paper) }
rect.right { fill: var(--right) } rect.wrong { fill: var(--wrong) } rect.frame { stroke: var(--line) }
line.grid { stroke: var(--line) }
polyline.curve { stroke: var(--right); stroke-width: 2 } polyline.honest { stroke: var(--dim); stroke-dasharray: 4 4 }
circle { fill: var(--right); fill-opacity: .55 }
"""
