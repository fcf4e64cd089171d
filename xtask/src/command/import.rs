//! `baseline import`: the lists of expected failures and skips that libraries keep for the official test suite, array-api-tests, as a baseline.
//!
//! A line names a test: `array_api_tests/test_linalg.py::test_svd`, with a class or parameters where the test has them. By the suite's own rules of
//! naming that says which function it is about, and of which property.

use std::collections::BTreeSet;
use std::path::Path;

use array_assay_format::{Glob, Property};
use array_assay_harness::gate::{Baseline, Checks, Known, KnownKinds, When};
use array_assay_spec::Spec;

use crate::cli;
use crate::exit::{Error, Exit};

/// Runs it.
pub fn run(options: &cli::BaselineImport) -> Result<Exit, Error> {
    let existing = options.baseline.exists();
    let mut baseline = if existing { Baseline::read(&options.baseline)? } else { Baseline::default() };
    let functions = Functions::of(Spec::embedded());
    let (mut lines, mut added, mut unmapped) = (0, 0, Vec::new());
    for path in &options.lists {
        let text = std::fs::read_to_string(path).map_err(|error| Error::Usage(format!("read the list {}: {error}", path.display())))?;
        for line in listed(&text) {
            lines += 1;
            let globs = functions.checks_of(line.test);
            if globs.is_empty() {
                unmapped.push(format!("{}:{}: {}", path.display(), line.number, line.test));
            }
            for glob in globs {
                if baseline.deviations.iter().all(|known| known.check.to_string() != glob) {
                    baseline.deviations.push(known(&glob, &line, path)?);
                    added += 1;
                }
            }
        }
    }
    let text = baseline.to_yaml("the library");
    std::fs::write(&options.baseline, text).map_err(|source| Error::File { what: "write", path: options.baseline.clone(), source })?;
    print_line!("{lines} tests read, {added} entries {} {}", if existing { "added to" } else { "written to" }, options.baseline.display());
    if !unmapped.is_empty() {
        print_line!("no check corresponds to {} of them:", unmapped.len());
        unmapped.iter().for_each(|line| print_line!("  {line}"));
    }
    print_line!("next: `conform LIBRARY --baseline {} --update-baseline` keeps what does deviate, exactly", options.baseline.display());
    Ok(Exit::Success)
}

fn known(glob: &str, line: &Line<'_>, list: &Path) -> Result<Known, Error> {
    let check = glob.parse::<Glob>().map_err(|error| Error::Fault(error.to_string()))?;
    let list = list.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let (comment, link) = (line.comment.join(" "), line.comment.iter().find_map(|text| link(text)));
    let reason = if comment.is_empty() { format!("listed in {list}") } else { format!("{comment} (listed in {list})") };
    Ok(Known {
        check: Checks::Matching(check),
        cause: None,
        dtypes: Vec::new(),
        kinds: KnownKinds::Any,
        reason,
        intermittent: false,
        link,
        when: When::default(),
        expires: None,
        seed: 0,
        cases: 0,
        comments: Vec::new(),
        place: None,
    })
}

/// The first address in a comment.
fn link(comment: &str) -> Option<String> {
    let begin = comment.find("https://")?;
    let address = comment[begin..].split(|c: char| c.is_whitespace() || "()<>\"'`".contains(c)).next()?;
    Some(address.trim_end_matches(['.', ',', ';']).to_owned())
}

/// A test in a list, with the comment above it.
#[derive(Debug, PartialEq)]
struct Line<'t> {
    number: usize,
    test: &'t str,
    comment: Vec<&'t str>,
}

/// The tests of a list. A comment speaks of all lines below it up to an empty line or the next comment; a test that is commented out is none.
fn listed(text: &str) -> Vec<Line<'_>> {
    let (mut out, mut comment, mut in_comment) = (Vec::new(), Vec::new(), false);
    for (i, line) in text.lines().enumerate() {
        let line = line.trim();
        match line.strip_prefix('#').map(|rest| rest.trim_start_matches('#').trim()) {
            Some(said) if said.contains(".py::") => {}
            Some(said) => {
                if !in_comment {
                    comment.clear();
                }
                comment.extend(Some(said).filter(|said| !said.is_empty()));
                in_comment = true;
            }
            None if line.is_empty() => (comment.clear(), in_comment = false).0,
            None => {
                in_comment = false;
                // Names of special cases hold ` #` nowhere.
                let (test, own) = line.split_once(" #").map_or((line, None), |(test, own)| (test.trim_end(), Some(own.trim())));
                let comment = own.map_or_else(|| comment.clone(), |own| vec![own]);
                out.push(Line { number: i + 1, test, comment });
            }
        }
    }
    out
}

/// The functions of the standard by category, and which operators have the semantics of which.
struct Functions {
    names: Vec<(String, String)>,
    /// `subtract` and `__sub__`.
    operators: Vec<(String, String)>,
    properties: BTreeSet<(String, String, Property)>,
}

impl Functions {
    fn of(spec: &Spec) -> Functions {
        let mut out = Functions { names: Vec::new(), operators: Vec::new(), properties: BTreeSet::new() };
        for id in spec.checks().map(|check| check.id) {
            let name = (id.category.clone(), id.function.clone());
            if !out.names.contains(&name) {
                let function = spec.function(&id.category, &id.function).filter(|function| function.operator.is_some());
                out.operators.extend(function.map(|function| (function.semantics().to_owned(), id.function.clone())));
                out.names.push(name);
            }
            out.properties.insert((id.category, id.function, id.property));
        }
        out
    }

    /// Globs over the checks that judge the same as a test of the official suite; none where nothing corresponds to it.
    fn checks_of(&self, test: &str) -> Vec<String> {
        let mut parts = test.splitn(2, '[');
        let (path, parameters) = (parts.next().unwrap_or_default().trim(), parts.next().map(|rest| rest.trim_end_matches(']')));
        let mut names = path.split("::");
        let Some(file) = names.next().and_then(|file| file.rsplit('/').next()?.strip_prefix("test_")?.strip_suffix(".py")) else {
            return Vec::new();
        };
        if path.contains("/meta/") {
            return Vec::new();
        }
        let (mut class, mut name) = (None, names.next());
        if let Some(inner) = names.next() {
            (class, name) = (name, Some(inner));
        }
        let Some(name) = name.and_then(|name| name.strip_prefix("test_")) else {
            // A whole file, or a whole class.
            let whole = name.map_or_else(|| self.category(file), |class| self.found(file, &snake_case(class)));
            return whole.into_iter().collect();
        };
        match file {
            "has_names" => self.of_property(parameters.and_then(|p| p.split_once('-')), Property::Present),
            "signatures" => self.of_property(parameters.map(|p| p.split_once('.').unwrap_or(("", p))), Property::Signature),
            "special_cases" => {
                let function = parameters.map(before_call).and_then(|function| self.found(file, function));
                function.into_iter().flat_map(|function| self.values_of(&function)).collect()
            }
            _ => {
                let parameter = || parameters.map(before_call).and_then(|parameter| self.in_file(file, parameter));
                // `remainder(x1, x2)` is a call; `float32` is what the call is made with.
                let called = parameters.filter(|parameters| parameters.contains('(')).and_then(|_| parameter());
                // A test without parameters speaks of the operators as well.
                let with_operators = parameters.is_none() && file.starts_with("operators");
                let of_class = || class.and_then(|class| self.found(file, &snake_case(class)));
                let function = called.or_else(|| self.found(file, name)).or_else(of_class).or_else(parameter);
                let scalars = if name.contains("with_scalars") { "::*scalar*" } else { "" };
                let operators =
                    function.iter().flat_map(|function| self.operators_of(function)).filter(|_| with_operators).collect::<Vec<_>>();
                function.into_iter().chain(operators).map(|function| format!("{function}{scalars}")).collect()
            }
        }
    }

    /// Everything of a category that a file is about, such as `linalg`.
    fn category(&self, file: &str) -> Option<String> {
        let category = file.strip_suffix("_functions").unwrap_or(file);
        self.names.iter().any(|(own, _)| own == category).then(|| format!("{category}/*"))
    }

    /// A property of a function that the suite names by its category, or an empty one, and its name.
    fn of_property(&self, named: Option<(&str, &str)>, property: Property) -> Vec<String> {
        let Some((category, name)) = named else { return Vec::new() };
        let category = if category.starts_with("array_") { "array" } else { category };
        let function = self.exactly(category, name);
        let has = |function: &String| {
            function.split_once('/').is_some_and(|(c, f)| self.properties.contains(&(c.to_owned(), f.to_owned(), property)))
        };
        function.filter(has).map(|function| format!("{function}::{property}")).into_iter().collect()
    }

    /// The checks of a function's values; of special cases where it has such.
    fn values_of(&self, function: &str) -> Vec<String> {
        let has = |property: Property| {
            function.split_once('/').is_some_and(|(c, f)| self.properties.contains(&(c.to_owned(), f.to_owned(), property)))
        };
        let kinds = [(Property::Special, "special/*"), (Property::Value, "value*")];
        kinds.into_iter().filter(|(property, _)| has(*property)).map(|(_, glob)| format!("{function}::{glob}")).collect()
    }

    /// The operators with the semantics of an element-wise function.
    fn operators_of(&self, function: &str) -> Vec<String> {
        let name = function.rsplit('/').next().unwrap_or_default();
        self.operators.iter().filter(|(semantics, _)| semantics == name).map(|(_, operator)| format!("array/{operator}")).collect()
    }

    /// The function of exactly this name: of the category if that has it, and of an extension only where nothing else has it.
    fn exactly(&self, category: &str, name: &str) -> Option<String> {
        let of_name: Vec<&(String, String)> = self.names.iter().filter(|(_, own)| own == name).collect();
        let of_category = of_name.iter().find(|(own, _)| own == category);
        let of_core = || of_name.iter().find(|(own, _)| !matches!(own.as_str(), "linalg" | "fft"));
        of_category.or_else(of_core).or_else(|| of_name.first()).map(|(category, name)| format!("{category}/{name}"))
    }

    /// The function that a file of tests calls so. `test_linalg.py` tests functions of the main namespace, too, and says `linalg_` where both have one.
    fn in_file(&self, file: &str, name: &str) -> Option<String> {
        match name.strip_prefix("linalg_") {
            Some(rest) if file == "linalg" => self.exactly(file, rest),
            _ if file == "linalg" => self.exactly("", name),
            _ => self.exactly(file, name),
        }
    }

    /// The function with the longest name that a test's name begins with.
    fn found(&self, file: &str, name: &str) -> Option<String> {
        let exact = self.in_file(file, name).or_else(|| self.in_file(file, &format!("__{name}__")));
        let shorter = || name.rsplit_once('_').and_then(|(shorter, _)| self.found(file, shorter));
        exact.or_else(shorter).or_else(|| name.strip_prefix("dunder_").and_then(|rest| self.found(file, rest)))
    }
}

/// `floor_divide` of `floor_divide(x1, x2)`, and `e` of `e-2.718`.
fn before_call(parameters: &str) -> &str {
    parameters.split(['(', '-']).next().unwrap_or_default().trim()
}

/// `result_type` of `TestResultType`.
fn snake_case(class: &str) -> String {
    let mut out = String::new();
    for c in class.strip_prefix("Test").unwrap_or(class).chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checks_of(test: &str) -> Vec<String> {
        Functions::of(Spec::embedded()).checks_of(&format!("array_api_tests/{test}"))
    }

    #[test]
    fn tests_of_the_official_suite_name_the_checks_that_judge_the_same() {
        let expected = [
            ("test_has_names.py::test_has_names[array_method-to_device]", &["array/to_device::present"][..]),
            ("test_has_names.py::test_has_names[linalg-matmul]", &["linalg/matmul::present"]),
            ("test_has_names.py::test_has_names[elementwise-clip]", &["elementwise/clip::present"]),
            ("test_signatures.py::test_func_signature[from_dlpack]", &["creation/from_dlpack::signature"]),
            ("test_signatures.py::test_extension_func_signature[linalg.vecdot]", &["linalg/vecdot::signature"]),
            ("test_signatures.py::test_array_method_signature[__dlpack__]", &["array/__dlpack__::signature"]),
            (
                "test_special_cases.py::test_binary[floor_divide(x1_i is +0 and x2_i < 0) -> -0]",
                &["elementwise/floor_divide::special/*", "elementwise/floor_divide::value*"],
            ),
            ("test_special_cases.py::test_iop[__imod__(x1_i is +0 and x2_i < 0) -> -0]", &["array/__imod__::value*"]),
            ("test_special_cases.py::test_empty_arrays[prod]", &["statistical/prod::special/*", "statistical/prod::value*"]),
            ("test_operators_and_elementwise_functions.py::test_remainder[remainder(x1, x2)]", &["elementwise/remainder"]),
            ("test_operators_and_elementwise_functions.py::test_remainder[__mod__(x1, x2)]", &["array/__mod__"]),
            ("test_operators_and_elementwise_functions.py::test_ceil", &["elementwise/ceil"]),
            ("test_operators_and_elementwise_functions.py::test_binary_with_scalars_real[atan2]", &["elementwise/atan2::*scalar*"]),
            ("test_operators_and_elementwise_functions.py::test_where_with_scalars", &["searching/where::*scalar*"]),
            ("test_array_object.py::test_getitem_masking", &["array/__getitem__"]),
            ("test_array_object.py::test_scalar_casting[__index__(int8)]", &["array/__index__"]),
            ("test_data_type_functions.py::TestBroadcastShapes::test_error", &["manipulation/broadcast_shapes"]),
            ("test_data_type_functions.py::TestResultType::test_shuffled", &["data_type/result_type"]),
            ("test_data_type_functions.py::test_finfo[float32]", &["data_type/finfo"]),
            ("test_set_functions.py::TestIsin::test_isin_scalars", &["set/isin"]),
            ("test_dlpack.py::test_dunder_dlpack", &["array/__dlpack__"]),
            ("test_dlpack.py::test_dlpack_device", &["array/__dlpack_device__"]),
            ("test_linalg.py::test_linalg_vecdot", &["linalg/vecdot"]),
            ("test_linalg.py::test_vecdot_conj", &["linear_algebra/vecdot"]),
            ("test_linalg.py::test_svd", &["linalg/svd"]),
            ("test_fft.py::test_shift_func[fftshift]", &["fft/fftshift"]),
            ("test_fft.py", &["fft/*"]),
            ("test_constants.py::test_irrational_numbers[e-2.718281828459045]", &["constants/e"]),
            ("meta/test_hypothesis_helpers.py::test_symmetric_matrices", &[]),
            ("test_dlpack.py", &[]),
            ("test_linalg.py::test_of_tomorrow", &[]),
        ];
        let wrong = expected.into_iter().map(|(test, checks)| (test, checks, checks_of(test))).filter(|(_, checks, found)| found != checks);
        assert_eq!(wrong.collect::<Vec<_>>(), []);
        let subtract = checks_of("test_operators_and_elementwise_functions.py::test_subtract");
        assert_eq!(subtract[0], "elementwise/subtract");
        assert!(
            ["array/__sub__", "array/__rsub__", "array/__isub__"].iter().all(|name| subtract.iter().any(|found| found == name)),
            "{subtract:?}"
        );
    }

    #[test]
    fn a_comment_speaks_of_the_lines_below_it() {
        let text = "# torch cannot\n# (https://example.org/1).\na.py::test_x\n# a.py::test_out\na.py::test_y # slow\n\na.py::test_z\n# other\na.py::test_w\n";
        let both = vec!["torch cannot", "(https://example.org/1)."];
        let line = |number, test, comment| Line { number, test, comment };
        let expected = [
            line(3, "a.py::test_x", both.clone()),
            line(5, "a.py::test_y", vec!["slow"]),
            line(7, "a.py::test_z", vec![]),
            line(9, "a.py::test_w", vec!["other"]),
        ];
        assert_eq!(listed(text), expected);
        assert_eq!(link(both[1]).as_deref(), Some("https://example.org/1"));
    }
}
