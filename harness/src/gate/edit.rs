//! Edits the text of a baseline file to what an update says: lines are added, changed and removed, and all others stay as they are.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::baseline::{Baseline, Known, KnownKinds};
use super::update::Update;

impl Update {
    /// The text of the baseline `file` after the update. `text` is what it holds now, if it exists, and `before` is the baseline that was
    /// updated. Entries that `before` has from other files are not copied: where one has changed, the changed entry overrides it here.
    pub fn edited(&self, before: &Baseline, file: &str, text: Option<&str>, backend: &str) -> String {
        let of_file = self.of_file(before, file);
        let rewritten =
            || Baseline { deviations: of_file.iter().map(|known| (*known).clone()).collect(), ..self.baseline.clone() }.to_yaml(backend);
        let Some(old) = text.and_then(|text| Some((text, Baseline::parse(file, text).ok()?))) else { return rewritten() };
        let edited = edit(old.0, &old.1, &self.baseline, &of_file);
        // YAML can be written in more ways than lines show. What does not say the same when it is read again is written anew.
        let same = |read: Baseline| {
            read.deviations.len() == of_file.len() && read.deviations.iter().zip(&of_file).all(|(read, known)| says_the_same(read, known))
        };
        match edited.filter(|text| Baseline::parse(file, text).is_ok_and(same)) {
            Some(text) => text,
            None => rewritten(),
        }
    }

    /// The entries that belong into the file: its own, new ones, and changed ones of other files.
    fn of_file(&self, before: &Baseline, file: &str) -> Vec<&Known> {
        let is_unchanged = |known: &Known| before.deviations.iter().any(|old| old.place == known.place && says_the_same(old, known));
        let stays_elsewhere = |known: &Known| known.place.as_ref().is_some_and(|place| place.file != file) && is_unchanged(known);
        self.baseline.deviations.iter().filter(|known| !stays_elsewhere(known)).collect()
    }

    /// The removed entries that stand in other files, where they have to be removed by hand.
    pub fn stale_elsewhere(&self, file: &str) -> Vec<&Known> {
        self.stale.iter().filter(|known| known.place.as_ref().is_some_and(|place| place.file != file)).collect()
    }
}

/// Whether two entries say the same, in whatever order.
fn says_the_same(a: &Known, b: &Known) -> bool {
    // A seed and a number of cases that no entry has, so that they are written of every entry.
    let file = Baseline { seed: u64::MAX, cases: u32::MAX, ..Baseline::default() };
    let says = |known: &Known| written(&in_order(known), &file, 0, "\n");
    says(a) == says(b)
}

/// The edited text. `None` if the lines of the text do not show where each entry stands.
fn edit(text: &str, old: &Baseline, new: &Baseline, entries: &[&Known]) -> Option<String> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let end = if lines.first().is_some_and(|line| line.ends_with("\r\n")) { "\r\n" } else { "\n" };
    let spans: Vec<Span> = old.deviations.iter().map(|known| Span::of(known, &lines)).collect::<Option<_>>()?;
    let list = lines.iter().position(|line| line.starts_with("deviations:"))?;
    let indent = old.deviations.first().and_then(|known| known.place.as_ref()).map_or(0, |place| depth(lines[place.first - 1]));

    // What stands in the place of each entry, and what comes before all of them.
    let mut first: Vec<String> = Vec::new();
    let mut kept: Vec<Vec<String>> = vec![Vec::new(); spans.len()];
    let mut at: Option<usize> = None;
    for known in entries {
        let own = old.deviations.iter().position(|of_old| of_old.place.is_some() && of_old.place == known.place);
        let written = || written(known, new, indent, end);
        match own.filter(|own| kept[*own].is_empty()) {
            Some(own) => {
                at = Some(own);
                let of_entry = &lines[spans[own].entry.clone()];
                kept[own] = if says_the_same(&old.deviations[own], known) {
                    of_entry.iter().map(|line| (*line).to_owned()).collect()
                } else {
                    changed(of_entry, (&old.deviations[own], old), (known, new), indent, end)
                };
            }
            None => match own.or(at) {
                Some(after) => kept[after].extend(written()),
                None => first.extend(written()),
            },
        }
    }

    let mut out: Vec<String> = Vec::new();
    let heads = [("seed:", new.seed, old.seed), ("cases:", u64::from(new.cases), u64::from(old.cases))];
    for line in &lines[..list] {
        let changed = heads.iter().find(|(key, new, old)| line.starts_with(key) && new != old);
        out.push(changed.map_or_else(|| (*line).to_owned(), |(key, new, _)| format!("{key} {new}{end}")));
    }
    let absent = heads.iter().filter(|(key, new, old)| new != old && !lines[..list].iter().any(|line| line.starts_with(key)));
    out.extend(absent.map(|(key, new, _)| format!("{key} {new}{end}")));
    let (was_empty, is_empty) = (spans.is_empty(), entries.is_empty());
    match (was_empty, is_empty) {
        (true, false) => out.push(format!("deviations:{end}")),
        (false, true) => out.push(format!("deviations: []{end}")),
        _ => out.push(lines[list].to_owned()),
    }
    let mut next = list + 1;
    out.extend(first);
    for (span, lines_of) in spans.iter().zip(kept) {
        let gone = lines_of.is_empty();
        let upto = if gone { span.comments } else { span.entry.start };
        out.extend(lines[next..upto].iter().map(|line| (*line).to_owned()));
        out.extend(lines_of);
        next = span.entry.end;
    }
    out.extend(lines[next..].iter().map(|line| (*line).to_owned()));
    // A line that was the last of the file may have lacked its end.
    let last = out.len().saturating_sub(1);
    out[..last].iter_mut().filter(|line| !line.ends_with('\n')).for_each(|line| line.push_str(end));
    Some(out.concat())
}

/// The lines of an entry, from 0.
struct Span {
    /// The first of the comments directly above the entry. They go with it; a comment above an empty line stays.
    comments: usize,
    entry: Range<usize>,
}

impl Span {
    fn of(known: &Known, lines: &[&str]) -> Option<Span> {
        let place = known.place.as_ref()?;
        let (start, mut end) = (place.first - 1, place.last);
        let indent = depth(lines.get(start)?);
        let is_comment = |line: &&str| line.trim_start().starts_with('#');
        // A comment that is indented like the keys belongs to the entry.
        while lines.get(end).is_some_and(|line| is_comment(line) && depth(line) > indent) {
            end += 1;
        }
        let above = lines[..start].iter().rev().take_while(|line| is_comment(line) && depth(line) <= indent).count();
        Some(Span { comments: start - above, entry: start..end })
    }
}

fn depth(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// An entry as `to_yaml` writes it, without comments.
fn written(known: &Known, file: &Baseline, indent: usize, end: &str) -> Vec<String> {
    let mut text = String::new();
    Known { comments: Vec::new(), ..known.clone() }.write(file, &mut text);
    text.lines().map(|line| format!("{:indent$}{line}{end}", "")).collect()
}

/// The lines of an entry that has changed: those of the keys that say the same as before, and new ones of the others.
fn changed(
    lines: &[&str],
    (old, old_file): (&Known, &Baseline),
    (new, new_file): (&Known, &Baseline),
    indent: usize,
    end: &str,
) -> Vec<String> {
    let fresh = written(new, new_file, indent, end);
    let fresh: Vec<&str> = fresh.iter().map(String::as_str).collect();
    let Some(present) = keys(lines, indent) else { return fresh.into_iter().map(str::to_owned).collect() };
    let said = |known: &Known, file: &Baseline| -> BTreeMap<String, Vec<String>> {
        let lines = written(&in_order(known), file, indent, end);
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let of_keys = keys(&lines, indent).unwrap_or_default();
        of_keys.into_iter().map(|(key, lines)| (key.to_owned(), lines.iter().map(|line| (*line).to_owned()).collect())).collect()
    };
    let (before, after) = (said(old, old_file), said(new, new_file));
    let mut out: Vec<String> = Vec::new();
    let fresh = keys(&fresh, indent).unwrap_or_default();
    // New keys come after the key that `to_yaml` writes before them.
    let mut waiting = fresh.iter();
    let mut given: BTreeSet<&str> = BTreeSet::new();
    for (key, lines) in &present {
        if !after.contains_key(*key) {
            continue;
        }
        for (new_key, new_lines) in waiting.by_ref().take_while(|(new_key, _)| new_key != key) {
            if !present.iter().any(|(key, _)| key == new_key) && given.insert(new_key) {
                out.extend(new_lines.iter().map(|line| (*line).to_owned()));
            }
        }
        given.insert(key);
        let lines = if before.get(*key) == after.get(*key) {
            *lines
        } else {
            fresh.iter().find(|(new, _)| new == key).map_or(*lines, |(_, lines)| *lines)
        };
        out.extend(lines.iter().map(|line| (*line).to_owned()));
    }
    for (_, lines) in fresh.iter().filter(|(key, _)| !given.contains(key)) {
        out.extend(lines.iter().map(|line| (*line).to_owned()));
    }
    out
}

/// The keys of an entry in a block, each with its lines. `None` if the entry is not a block of keys.
fn keys<'l>(lines: &'l [&'l str], indent: usize) -> Option<Vec<(&'l str, &'l [&'l str])>> {
    let key = |line: &'l str| {
        let own = line.trim_start();
        let own = if depth(line) == indent { own.strip_prefix("- ")? } else { own };
        let (key, _) = own.split_once(':')?;
        key.chars().all(|c| c.is_ascii_lowercase()).then_some(key).filter(|key| !key.is_empty())
    };
    let begins = |i: usize| (i == 0 || depth(lines[i]) == indent + 2).then(|| key(lines[i])).flatten();
    let starts: Vec<(usize, &str)> = (0..lines.len()).filter_map(|i| Some((i, begins(i)?))).collect();
    if starts.first().is_none_or(|(i, _)| *i != 0) {
        return None;
    }
    let ends = starts.iter().skip(1).map(|(i, _)| *i).chain([lines.len()]);
    Some(starts.iter().zip(ends).map(|((start, key), end)| (*key, &lines[*start..end])).collect())
}

/// The entry with its lists in order.
fn in_order(known: &Known) -> Known {
    let sorted = |list: &[String]| list.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>();
    let kinds = match &known.kinds {
        KnownKinds::Any => KnownKinds::Any,
        KnownKinds::Of(kinds) => KnownKinds::Of(sorted(kinds)),
        KnownKinds::By(kinds) => KnownKinds::By(kinds.iter().map(|(kind, dtypes)| (kind.clone(), sorted(dtypes))).collect()),
    };
    Known { dtypes: sorted(&known.dtypes), kinds, ..known.clone() }
}
