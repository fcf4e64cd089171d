//! The folder of a site: its files are listed in it, so that a later report can remove those that it no longer has.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::ReportError;

/// The list of the files that a report wrote, relative to the folder.
const LIST: &str = "data/files.txt";

/// The folders that belong to a report. Nothing else is ever removed, whatever a list says.
const OWN: [&str; 6] = ["functions", "libraries", "versions", "clauses", "badges", "data"];

/// A folder into which files are written.
pub struct Folder {
    out: PathBuf,
    written: Mutex<BTreeSet<String>>,
    /// Whether the folder holds nothing but this site, so that its other pages are those of an earlier one.
    whole: bool,
}

impl Folder {
    /// The folder of a whole site.
    pub fn of_site(out: &Path) -> Folder {
        Folder { out: out.to_owned(), written: Mutex::default(), whole: true }
    }

    /// A folder to which pages are added.
    pub fn beside(out: &Path) -> Folder {
        Folder { whole: false, ..Folder::of_site(out) }
    }

    /// Writes a file. One that has this text already is left as it is.
    pub fn put(&self, path: &str, text: &str) -> Result<(), ReportError> {
        let file = self.out.join(path);
        let failed = |source| ReportError::Write { path: file.clone(), source };
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        if !std::fs::read(&file).is_ok_and(|old| old == text.as_bytes()) {
            std::fs::write(&file, text).map_err(failed)?;
        }
        self.written.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned());
        Ok(())
    }

    /// Removes the files of an earlier report, and lists those of this one. Returns their paths, `index.html` first.
    pub fn finish(self) -> Result<Vec<PathBuf>, ReportError> {
        let mut written = std::mem::take(&mut *self.written.lock().unwrap_or_else(PoisonError::into_inner));
        if self.whole {
            let list = std::fs::read_to_string(self.out.join(LIST)).unwrap_or_default();
            for stale in list.lines().filter(|path| !written.contains(*path) && is_own(path)) {
                // A file that is gone already needs no removal.
                let _ = std::fs::remove_file(self.out.join(stale));
            }
        }
        let list: String = written.iter().map(|path| format!("{path}\n")).collect();
        self.put(LIST, &list)?;
        written.insert(LIST.to_owned());
        let mut paths: Vec<PathBuf> = written.iter().map(|path| self.out.join(path)).collect();
        let front = self.out.join("index.html");
        paths.sort_by_key(|path| *path != front);
        Ok(paths)
    }
}

/// Whether a path of a list is that of a file which a report may have written.
fn is_own(path: &str) -> bool {
    let parts: Vec<Component> = Path::new(path).components().collect();
    let plain = parts.iter().all(|part| matches!(part, Component::Normal(_)));
    let first = path.split('/').next().unwrap_or_default();
    let index = first.strip_prefix("index-").and_then(|rest| rest.strip_suffix(".html"));
    let top = ["gaps.html", "versions.html", "clauses.html", "feed.xml"].contains(&path) || parts.len() == 1 && index.is_some();
    plain && !path.contains('\\') && (top || parts.len() > 1 && OWN.contains(&first))
}

#[cfg(test)]
mod tests {
    use super::is_own;

    #[test]
    fn only_files_of_a_report_are_removed() {
        for path in ["functions/elementwise/add.html", "libraries/numpy.html", "index-2021.12.html", "badges/numpy.svg", "feed.xml"] {
            assert!(is_own(path), "{path}");
        }
        for path in ["../x", "/etc/passwd", "functions/../../x", "numpy/results.jsonl", "notes.txt", "functions", "", "functions\\..\\x"] {
            assert!(!is_own(path), "{path}");
        }
    }
}
