//! A file of the spec as text, and the place of a fault in it.

use serde::de::DeserializeOwned;

use crate::error::{SpecError, shown};
use crate::located::Located;

pub(super) fn names_of<'a>(operands: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    operands.chain(["a", "b", "c", "d"]).collect()
}

/// A file, and the finding of entries in it.
pub(super) struct SourceFile<'a> {
    pub path: &'a str,
    pub text: &'a str,
}

/// The text of one entry of a list, and where it stands.
pub(super) struct Chunk<'a> {
    pub path: &'a str,
    pub text: &'a str,
    /// Line of the file in which it starts, from 1.
    pub line: usize,
    /// Columns removed from the start of its lines.
    pub indent: usize,
}

impl Chunk<'_> {
    /// A fault `offset` characters after the first occurrence of `needle`, or at the entry's start.
    pub fn fault(&self, needle: &str, offset: usize, why: String) -> SpecError {
        self.located(self.text.find(needle).unwrap_or(0), offset, why)
    }

    /// A fault `offset` characters after the first occurrence of `needle` after that of `key`.
    pub fn fault_after(&self, key: &str, needle: &str, offset: usize, why: String) -> SpecError {
        let from = self.text.find(key).unwrap_or(0);
        self.located(from + self.text[from..].find(needle).unwrap_or(0), offset, why)
    }

    /// A fault `offset` characters after a byte of the entry.
    fn located(&self, at: usize, offset: usize, why: String) -> SpecError {
        let line = self.text[..at].matches('\n').count();
        let start = self.text[..at].rfind('\n').map_or(0, |n| n + 1);
        self.at(line + 1, at - start + 1 + offset, why)
    }

    /// A block text of the entry, and the place of its first line.
    pub(super) fn body(&self, key: &str, value: String) -> Located<String> {
        let at = self.text.find(key).unwrap_or(0);
        let first = self.text[at..].lines().skip(1).find(|line| !line.trim().is_empty()).unwrap_or_default();
        let line = self.line + self.text[..at].matches('\n').count() + 1;
        Located { value, file: self.path.to_owned(), line, column: first.len() - first.trim_start().len() + 1 }
    }

    pub(super) fn at(&self, line: usize, column: usize, why: String) -> SpecError {
        let snippet = self.text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
        SpecError {
            file: self.path.to_owned(),
            line: self.line + line - 1,
            column: column + self.indent,
            why,
            snippet: shown(snippet, self.indent),
        }
    }

    pub fn yaml(&self, error: &serde_yaml::Error) -> SpecError {
        let (line, column) = error.location().map_or((1, 1), |l| (l.line(), l.column()));
        let why = error.to_string();
        let why = why.split(" at line ").next().unwrap_or(&why).to_owned();
        self.at(line, column, why)
    }
}

impl<'a> SourceFile<'a> {
    pub fn whole(&self) -> Chunk<'a> {
        Chunk { path: self.path, text: self.text, line: 1, indent: 0 }
    }

    pub fn read<T: DeserializeOwned>(&self, errors: &mut Vec<SpecError>) -> Option<T> {
        serde_yaml::from_str(self.text).map_err(|e| errors.push(self.whole().yaml(&e))).ok()
    }

    /// The value of a top-level scalar key.
    pub fn head(&self, key: &str, errors: &mut Vec<SpecError>) -> String {
        self.optional_head(key).unwrap_or_else(|| {
            errors.push(self.whole().at(1, 1, format!("the file lacks the key `{key}:`")));
            String::new()
        })
    }

    /// The value of a top-level scalar key, if the file has it.
    pub fn optional_head(&self, key: &str) -> Option<String> {
        let value = self.text.lines().find_map(|l| l.strip_prefix(key)?.strip_prefix(':'))?;
        Some(value.trim().trim_matches('"').to_owned())
    }

    /// The entries of the top-level block list `key`.
    pub fn entries<T: DeserializeOwned>(&self, key: &str, errors: &mut Vec<SpecError>) -> Vec<(Chunk<'a>, T)> {
        let mut out = Vec::new();
        for (line, text) in self.chunks(key, errors) {
            // `- ` becomes two blanks, so that the entry is a mapping and columns stay.
            let indent = text.find('-').unwrap_or(0) + 2;
            let dedented = format!("{}{}", " ".repeat(indent), &text[indent..]);
            let chunk = Chunk { path: self.path, text, line, indent: 0 };
            match serde_yaml::from_str(&dedented) {
                Ok(entry) => out.push((chunk, entry)),
                Err(e) => errors.push(chunk.yaml(&e)),
            }
        }
        out
    }

    pub fn chunks(&self, key: &str, errors: &mut Vec<SpecError>) -> Vec<(usize, &'a str)> {
        let mut starts: Vec<(usize, usize)> = Vec::new();
        let (mut offset, mut inside, mut indent, mut end) = (0, false, None, self.text.len());
        for (i, line) in self.text.split_inclusive('\n').enumerate() {
            let content = line.trim_start();
            let column = line.len() - content.len();
            let blank = content.trim().is_empty() || content.starts_with('#');
            if inside && !blank && column == 0 && !content.starts_with('-') {
                inside = false;
                end = offset;
            }
            if inside && content.starts_with("- ") && column == *indent.get_or_insert(column) {
                starts.push((i + 1, offset));
            }
            if line.trim_end() == format!("{key}:") {
                inside = true;
                end = self.text.len();
            }
            offset += line.len();
        }
        if starts.is_empty() && !self.text.contains(&format!("{key}: []")) {
            errors.push(self.whole().at(1, 1, format!("the file lacks a block list under `{key}:`")));
        }
        let ends = starts.iter().skip(1).map(|(_, at)| *at).chain([end]);
        starts.iter().zip(ends).map(|((line, from), to)| (*line, &self.text[*from..to])).collect()
    }
}
