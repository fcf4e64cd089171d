//! Reads profiles: those that are built in, or those of a folder.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::OnceLock;

use array_assay_interface::{Array, DType, Element};
use serde::Deserialize;
use serde_yaml::{Mapping, Value};

use super::statement::parse;
use super::{Case, Face, Origin, Profile, Trace};
use crate::error::{SpecError, SpecErrors, shown};
use crate::polyfill::Place;

/// The profiles that are built in: path below `spec/` and text.
const PROFILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/profiles.rs"));

/// The profiles that are built into this binary, in the order of their paths.
pub fn profiles() -> Result<&'static [Profile], &'static SpecErrors> {
    static READ: OnceLock<Result<Vec<Profile>, SpecErrors>> = OnceLock::new();
    let read = || all(PROFILES.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())));
    READ.get_or_init(read).as_ref().map(Vec::as_slice)
}

/// The number of workloads in whose traces, among those that are built in, a call is made by one of these helpers, such as `_nanmin` or
/// `xpx.at`.
pub fn workloads_through(helpers: &[String]) -> u32 {
    let is_helper = |name: &&str| {
        helpers.iter().any(|helper| name.strip_prefix(helper.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
    };
    helpers_of_workloads().iter().filter(|names| names.iter().any(is_helper)).count() as u32
}

/// The helpers that the calls of each workload, among those that are built in, are made by.
fn helpers_of_workloads() -> &'static [BTreeSet<&'static str>] {
    static READ: OnceLock<Vec<BTreeSet<&'static str>>> = OnceLock::new();
    let names = |text: &'static str| {
        text.lines().filter(|line| line.trim_start().starts_with("# ")).filter_map(|line| Some(line.rsplit_once(" via ")?.1))
    };
    READ.get_or_init(|| PROFILES.iter().map(|(_, text)| names(text).collect()).collect())
}

/// The profiles in the folders below `dir`, one a consumer and version.
pub fn read(dir: &Path) -> Result<Vec<Profile>, SpecErrors> {
    let failed = |path: &Path, why: std::io::Error| SpecErrors(vec![fault(&path.display().to_string(), 1, format!("open: {why}"))]);
    let entries = |path: &Path| -> Result<Vec<std::path::PathBuf>, SpecErrors> {
        let listing = std::fs::read_dir(path).map_err(|e| failed(path, e))?;
        let mut paths: Vec<_> = listing.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.sort();
        Ok(paths)
    };
    let mut files = Vec::new();
    for folder in entries(dir)?.into_iter().filter(|path| path.is_dir()) {
        for path in entries(&folder)?.into_iter().filter(|path| path.extension().is_some_and(|e| e == "yaml")) {
            let text = std::fs::read_to_string(&path).map_err(|e| failed(&path, e))?;
            files.push((path.display().to_string(), text));
        }
    }
    all(files.into_iter())
}

fn all(files: impl Iterator<Item = (String, String)>) -> Result<Vec<Profile>, SpecErrors> {
    let (mut profiles, mut errors) = (Vec::new(), Vec::new());
    for (path, text) in files {
        match profile(&path, &text) {
            Ok(profile) => profiles.push(profile),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(profiles) } else { Err(SpecErrors(errors)) }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawProfile {
    consumer: String,
    version: String,
    name: String,
    says: String,
    traced: BTreeMap<String, String>,
    cases: Vec<RawCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCase {
    name: String,
    rtol: f64,
    #[serde(default)]
    free_signs: Vec<String>,
    inputs: Mapping,
    expect: Mapping,
    programs: Vec<RawTrace>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTrace {
    faces: Vec<Face>,
    cut: Option<String>,
    #[serde(default)]
    beyond: Vec<String>,
    #[serde(default)]
    leaves: BTreeMap<String, u32>,
    #[serde(default)]
    hosts: Mapping,
    returns: BTreeMap<String, String>,
    program: String,
}

/// An array. The parts of a complex element are a list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawArray {
    dtype: DType,
    shape: Vec<usize>,
    values: Vec<Value>,
}

fn profile(path: &str, text: &str) -> Result<Profile, SpecError> {
    let raw: RawProfile = serde_yaml::from_str(text).map_err(|e| {
        let line = e.location().map_or(1, |l| l.line());
        fault(path, line, e.to_string())
    })?;
    let case = |raw: RawCase| -> Result<Case, SpecError> {
        Ok(Case {
            name: raw.name,
            rtol: raw.rtol,
            free_signs: raw.free_signs,
            inputs: arrays(path, raw.inputs)?,
            expect: arrays(path, raw.expect)?.into_iter().collect(),
            programs: raw.programs.into_iter().map(|raw| trace(path, text, raw)).collect::<Result<_, _>>()?,
        })
    };
    Ok(Profile {
        consumer: raw.consumer,
        version: raw.version,
        name: raw.name,
        says: raw.says,
        traced: raw.traced,
        cases: raw.cases.into_iter().map(case).collect::<Result<_, _>>()?,
        size: text.len(),
    })
}

fn trace(path: &str, file: &str, raw: RawTrace) -> Result<Trace, SpecError> {
    // Where the program's first line stands in the file: its text may occur twice, which moves a fault to the first place.
    let first = raw.program.lines().next().unwrap_or_default();
    let line = file.lines().position(|line| line.trim_start() == first).map_or(1, |n| n + 1);
    let place = Place { file: path.to_owned(), line, indent: 6 };
    let origin = |(name, from): (String, String)| match &*from {
        "host" => (name, Origin::Host),
        "python" => (name, Origin::Python),
        _ => (name, Origin::Register(from)),
    };
    Ok(Trace {
        faces: raw.faces,
        cut: raw.cut,
        beyond: raw.beyond,
        leaves: raw.leaves,
        hosts: arrays(path, raw.hosts)?,
        returns: raw.returns.into_iter().map(origin).collect(),
        statements: parse(&raw.program, &place)?,
    })
}

fn arrays(path: &str, named: Mapping) -> Result<Vec<(String, Array)>, SpecError> {
    let array = |(name, value): (Value, Value)| -> Result<(String, Array), SpecError> {
        let name = name.as_str().unwrap_or_default().to_owned();
        let raw: RawArray = serde_yaml::from_value(value).map_err(|e| fault(path, 1, format!("the array `{name}`: {e}")))?;
        let elements: Option<Vec<Element>> = raw.values.iter().map(|value| element(value, raw.dtype)).collect();
        let whole = elements.filter(|elements| elements.len() == raw.shape.iter().product::<usize>());
        let elements = whole.ok_or_else(|| fault(path, 1, format!("the array `{name}`: its elements do not fit its dtype and shape")))?;
        Ok((name, Array::from_elements(raw.dtype, raw.shape, elements)))
    };
    named.into_iter().map(array).collect()
}

fn element(value: &Value, dtype: DType) -> Option<Element> {
    let element = match value {
        Value::Bool(v) => Element::Bool(*v),
        Value::Sequence(parts) => match &parts[..] {
            [re, im] => Element::C128(re.as_f64()?, im.as_f64()?),
            _ => return None,
        },
        value if dtype.is_integer() => Element::Int(value.as_i64().map(i128::from).or_else(|| value.as_u64().map(i128::from))?),
        value => Element::F64(value.as_f64()?),
    };
    Some(element.cast(dtype))
}

pub(super) fn fault(file: &str, line: usize, why: String) -> SpecError {
    SpecError { file: file.to_owned(), line, column: 1, why, snippet: shown("", 0) }
}
