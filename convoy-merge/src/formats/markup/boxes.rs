//! Tables drawn with the characters for boxes, or with `+---+`.

use super::{Grid, Line};

/// Separators of cells.
const BARS: [char; 5] = ['│', '┃', '║', '|', '¦'];
/// Where lines of a box meet.
const JOINTS: &str = "+┌┐└┘├┤┬┴┼╔╗╚╝╠╣╦╩╬┏┓┗┛┣┫┳┻╋╒╕╘╛╞╡╪╤╧╟╢╫╥╨╭╮╰╯┝┥┠┨┯┷┿╂";
const STROKES: &str = "-=─━═╌┄┈:_";

/// Is it a line of a box, without words?
fn is_border(text: &str) -> bool {
    let text = text.trim();
    text.chars().all(|c| JOINTS.contains(c) || STROKES.contains(c) || BARS.contains(&c) || c == ' ')
        && text.chars().count() >= 3
        && text.chars().any(|c| JOINTS.contains(c))
        && text.chars().any(|c| STROKES.contains(c))
}

/// The cells between bars; `None` = it is no row.
fn cells(text: &str) -> Option<Vec<&str>> {
    let text = text.trim();
    let bar = text.chars().next().filter(|c| BARS.contains(c))?;
    let inner = text.strip_prefix(bar)?.strip_suffix(BARS)?;
    // A bar of another kind separates as well, one that stands in code does not.
    let bars: &[char] = if bar == '|' { &['|'] } else { &['│', '┃', '║', '┆', '╎'] };
    Some(inner.split(bars).map(str::trim).collect())
}

/// The cells of a line without bars at its ends, as `psql` prints them: ` a | b `.
fn open_cells(text: &str) -> Vec<&str> {
    text.split('|').map(str::trim).collect()
}

/// A table without bars at its ends: titles, a rule of `---+---`, rows with as many bars.
fn open_grid(lines: &[Line<'_>], start: usize) -> Option<Grid> {
    let titles = open_cells(lines[start].text);
    let rule = lines.get(start + 1)?.text.trim();
    let ruled = rule.len() >= 3
        && rule.chars().all(|c| matches!(c, '-' | '+'))
        && rule.starts_with('-')
        && rule.matches('+').count() + 1 == titles.len();
    if titles.len() < 2 || !ruled || lines[start].text.trim_start().starts_with('|') {
        return None;
    }
    let row =
        |line: &Line<'_>| -> Vec<String> { open_cells(line.text).into_iter().map(str::to_string).collect() };
    let mut rows = vec![(lines[start].at, row(&lines[start]))];
    let body =
        lines[start + 2..].iter().take_while(|line| line.text.matches('|').count() + 1 == titles.len());
    rows.extend(body.map(|line| (line.at, row(line))));
    (rows.len() >= 2).then(|| Grid { lines: start..start + 1 + rows.len(), rows })
}

/// All boxes of a text that hold a table of two columns or more.
pub(super) fn grids(lines: &[Line<'_>]) -> Vec<Grid> {
    let mut out = Vec::new();
    let mut n = 0;
    while n < lines.len() {
        if let Some(grid) = open_grid(lines, n) {
            n = grid.lines.end;
            out.push(grid);
            continue;
        }
        if !is_border(lines[n].text) && cells(lines[n].text).is_none() {
            n += 1;
            continue;
        }
        let start = n;
        while n < lines.len() && (is_border(lines[n].text) || cells(lines[n].text).is_some()) {
            n += 1;
        }
        if lines[start..n].iter().any(|line| is_border(line.text)) {
            out.extend(grid(lines, start, n));
        }
    }
    out
}

fn grid(lines: &[Line<'_>], start: usize, end: usize) -> Option<Grid> {
    // The rows between two borders.
    let mut groups: Vec<Vec<(usize, Vec<&str>)>> = vec![Vec::new()];
    for line in &lines[start..end] {
        match cells(line.text).filter(|_| !is_border(line.text)) {
            Some(row) => groups.last_mut()?.push((line.at, row)),
            None => groups.push(Vec::new()),
        }
    }
    groups.retain(|group| !group.is_empty());
    let mut rows: Vec<(usize, Vec<String>)> = Vec::new();
    // With a border between all rows, the lines between two of them are one row.
    let ruled = groups.len() > 2;
    for (at, group) in groups.iter().enumerate() {
        let mut fresh = true;
        for (line, row) in group {
            let goes_on = !fresh
                && (ruled || at == 0 && groups.len() > 1 || row.first().is_some_and(|cell| cell.is_empty()));
            fresh = false;
            match rows.last_mut().filter(|_| goes_on) {
                Some((_, last)) => join(last, row),
                None => rows.push((*line, row.iter().map(ToString::to_string).collect())),
            }
        }
    }
    let wide = rows.first()?.1.len();
    (rows.len() >= 2 && wide >= 2 && rows.iter().all(|(_, row)| row.len() <= wide))
        .then_some(Grid { lines: start..end, rows })
}

/// Adds the cells of a line to those of the row that it goes on.
fn join(last: &mut Vec<String>, row: &[&str]) {
    last.resize(last.len().max(row.len()), String::new());
    for (cell, more) in last.iter_mut().zip(row).filter(|(_, more)| !more.is_empty()) {
        if !cell.is_empty() {
            cell.push(' ');
        }
        cell.push_str(more);
    }
}
