//! Reading and writing results files.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufRead, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::{Check, CheckId, FORMAT_VERSION, Footer, Header, Record};

/// A complete results file.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Results {
    pub header: Header,
    pub checks: Vec<Check>,
    pub footer: Footer,
}

/// Why a results file could not be read.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum ResultsError {
    #[error("open {}: {source}", path.display())]
    Open { path: PathBuf, source: io::Error },
    #[error("read {}, line {line}: {why}", path.display())]
    Malformed { path: PathBuf, line: usize, why: String },
    #[error("read {}: it has no header in its first line; is it a results file?", path.display())]
    NoHeader { path: PathBuf },
    #[error("read {}: it was written in format {found}, this version reads format {FORMAT_VERSION}", path.display())]
    Format { path: PathBuf, found: u32 },
    #[error("read {}: it has no footer, so the run that wrote it did not end; finish it with `conform --resume`", path.display())]
    Incomplete { path: PathBuf },
    #[error("read {}, line {line}: {id} stands in it twice", path.display())]
    Duplicate { path: PathBuf, line: usize, id: CheckId },
    #[error("read {}: its footer says {says}, but its records say {hold}; the file was altered", path.display())]
    Footer { path: PathBuf, says: String, hold: String },
}

impl Results {
    /// Reads a complete file.
    pub fn read(path: &Path) -> Result<Results, ResultsError> {
        let (header, checks, footer) = Self::read_partial(path)?;
        match footer {
            Some(footer) => Ok(Results { header, checks, footer }),
            None => Err(ResultsError::Incomplete { path: path.to_owned() }),
        }
    }

    /// Reads the header of a file.
    pub fn read_header(path: &Path) -> Result<Header, ResultsError> {
        let open = |source| ResultsError::Open { path: path.to_owned(), source };
        let mut first = Vec::new();
        io::BufReader::new(File::open(path).map_err(open)?).read_until(b'\n', &mut first).map_err(open)?;
        Self::parse_partial(path, &first).map(|(header, ..)| header)
    }

    /// Reads a file of a run that may have been stopped: the footer may be missing, and the last line may be cut off.
    pub fn read_partial(path: &Path) -> Result<(Header, Vec<Check>, Option<Footer>), ResultsError> {
        let open = |source| ResultsError::Open { path: path.to_owned(), source };
        Self::parse_partial(path, &std::fs::read(path).map_err(open)?)
    }

    /// Parses the content of such a file; `path` names the file in errors.
    pub fn parse_partial(path: &Path, bytes: &[u8]) -> Result<(Header, Vec<Check>, Option<Footer>), ResultsError> {
        // The last line is cut off if it has no line end. The cut may be inside a character.
        let cut = !bytes.ends_with(b"\n");
        let text = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        let lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
        let malformed = |line: usize, why: String| ResultsError::Malformed { path: path.to_owned(), line, why };
        let no_header = || ResultsError::NoHeader { path: path.to_owned() };

        let first: serde_json::Value = lines.first().and_then(|l| serde_json::from_slice(l).ok()).ok_or_else(no_header)?;
        match first.get("format").and_then(serde_json::Value::as_u64) {
            Some(found) if found != u64::from(FORMAT_VERSION) => {
                let found = u32::try_from(found).unwrap_or(u32::MAX);
                return Err(ResultsError::Format { path: path.to_owned(), found });
            }
            _ => {}
        }
        let Record::Header(header) = serde_json::from_value(first).map_err(|e| malformed(1, e.to_string()))? else {
            return Err(no_header());
        };

        let (mut checks, mut seen, mut footer) = (Vec::new(), BTreeSet::new(), None);
        for (i, line) in lines.iter().enumerate().skip(1) {
            match record(line) {
                Ok(Record::Check(_) | Record::Footer(_)) if footer.is_some() => {
                    return Err(malformed(i + 1, "a record follows the footer".to_owned()));
                }
                Ok(Record::Check(check)) => {
                    if !seen.insert(check.id.clone()) {
                        return Err(ResultsError::Duplicate { path: path.to_owned(), line: i + 1, id: check.id });
                    }
                    checks.push(check);
                }
                Ok(Record::Footer(last)) => footer = Some(last),
                Ok(Record::Header(_)) => return Err(malformed(i + 1, "a second header".to_owned())),
                // The last line is cut off, so its record is dropped.
                Err(_) if cut && i + 1 == lines.len() && footer.is_none() => break,
                Err(e) => return Err(malformed(i + 1, e.to_string())),
            }
        }
        if let Some((says, hold)) = footer.as_ref().and_then(|footer| contradiction(footer, &checks)) {
            return Err(ResultsError::Footer { path: path.to_owned(), says, hold });
        }
        Ok((header, checks, footer))
    }

    /// Writes the whole file. Until it is whole, an earlier file of this name stays as it is.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let mut writer = Writer::create(path, &self.header, &self.checks)?;
        writer.line(&Record::Footer(self.footer.clone()))?;
        writer.finish()
    }
}

/// Reads a line. Nearly all are checks, and serde reads a check twice as fast if it need not look for the kind of the record first.
fn record(line: &[u8]) -> serde_json::Result<Record> {
    match line.starts_with(b"{\"kind\":\"check\",") {
        true => serde_json::from_slice(line).map(Record::Check),
        false => serde_json::from_slice(line),
    }
}

/// What a footer says, and what the records say instead, if they contradict each other.
fn contradiction(footer: &Footer, checks: &[Check]) -> Option<(String, String)> {
    if footer.checks != checks.len() as u64 {
        return Some((format!("{} checks", footer.checks), format!("{} checks", checks.len())));
    }
    let count = |verdict| checks.iter().filter(|check| check.verdict == verdict).count() as u64;
    let claimed = |verdict| footer.verdicts.get(&verdict).copied().unwrap_or_default();
    let all = footer.verdicts.keys().copied().chain(checks.iter().map(|check| check.verdict));
    if let Some(verdict) = all.into_iter().find(|verdict| count(*verdict) != claimed(*verdict)) {
        return Some((
            format!("{} with the verdict {verdict}", claimed(verdict)),
            format!("{} with the verdict {verdict}", count(verdict)),
        ));
    }
    let deviates = |check: &Check, revision| check.level == crate::Level::Must && check.deviation_in(revision).is_some();
    let conforms = |revision| !checks.iter().any(|check| deviates(check, revision));
    let wrong = footer.conforms.iter().find(|(revision, claim)| **claim && !conforms(**revision));
    wrong.map(|(revision, _)| (format!("that the library conforms to {revision}"), "that it deviates".to_owned()))
}

/// The name of the file that holds the records of a run that is not complete, beside its results.
pub fn partial(path: &Path) -> PathBuf {
    beside(path, ".partial")
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Writes a results file record by record to the file [`partial`], so that the records of a stopped run are kept, and those of an earlier
/// one until this is whole.
pub struct Writer {
    file: BufWriter<File>,
    path: PathBuf,
}

impl Writer {
    /// Creates the partial file with its header, and the records of an earlier part of the run. An earlier partial file is replaced when all
    /// of that is written.
    pub fn create(path: &Path, header: &Header, done: &[Check]) -> io::Result<Writer> {
        let new = beside(path, ".new");
        let mut writer = Writer { file: BufWriter::new(File::create(&new)?), path: path.to_owned() };
        writer.line(&Record::Header(header.clone()))?;
        done.iter().try_for_each(|check| writer.check(check))?;
        writer.flush()?;
        std::fs::rename(&new, partial(path))?;
        Ok(writer)
    }

    /// Appends a check.
    pub fn check(&mut self, check: &Check) -> io::Result<()> {
        self.line(&Record::Check(check.clone()))
    }

    /// Flushes the buffer to the operating system.
    pub fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }

    /// Gives the file its name, when all of it is on the disk.
    fn finish(mut self) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        std::fs::rename(partial(&self.path), &self.path)
    }

    fn line(&mut self, record: &Record) -> io::Result<()> {
        serde_json::to_writer(&mut self.file, record)?;
        self.file.write_all(b"\n")
    }
}
