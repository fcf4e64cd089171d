//! Verdicts as tables: a call as a user types it, what the library answered, and what is judged of it, check by check.
//!
//! A row of a table is a paragraph:
//!
//! ```text
//! # What it shows.
//! add(float32([1.0, 2.0]), float32([3.0, 4.0]))
//!     gives float32([4.0, 7.0])
//!     => pass on float32: call, type, dtype, shape, pure
//!     => value on float32: fail, wrong-value (one off): expected 6.0, got 7.0, element 1
//! ```
//!
//! What is indented says what the library did, and where that matters, what sort of library it is ([`Row::read`] has the forms). The lines with `=>`
//! are what the judge says: `ARRAY_ASSAY_UPDATE=1 cargo test -p array-assay-harness --test verdicts` writes them anew.

mod syntax;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use array_assay_format::Verdict;
use array_assay_harness::generate::{
    ArgForm, BackendProfile, Call, CallStream, Case, Combination, Fragile, Layout, Operand, RankLimit, Sort, changed,
};
use array_assay_harness::judge::{AcceptedJudge, CallJudge, Failure, FunctionJudge, Ledger, Place, Ran, Tally};
use array_assay_harness::observed::Observed;
use array_assay_harness::snippet;
use array_assay_interface::{Array, DType, Exception, Outcome, ParameterKind, Program, Value};
use array_assay_oracle::call::{Expectation, Given};
use array_assay_spec::{Domain, Function, Spec};
use syntax::{Item, Written};

/// A row of a table, its verdicts apart.
struct Row {
    /// Its comments.
    comments: Vec<String>,
    call: String,
    /// What the library did, a line each.
    did: Vec<String>,
    /// What the table says of its verdicts.
    verdicts: Vec<String>,
}

/// What a library did, and what sort of library it is.
#[derive(Default)]
struct Did {
    profile: BackendProfile,
    observed: Option<Observed>,
    /// What came back after the result: the inputs, where they are not as they were.
    inputs: Option<Vec<Value>>,
    /// The devices of result and first input, where they are asked for.
    devices: Vec<Value>,
    /// The attributes of a result that is an object.
    attributes: Vec<Value>,
    /// The special case for which the operands are drawn.
    special: Option<String>,
    /// The clause by which the call has to raise.
    raises: Option<String>,
    /// What came of overwriting the result, to see whether it is a copy: the result and the input then, or that it raised.
    overwritten: Option<Observed>,
    /// Arrays do not say on which device they are.
    deviceless: bool,
    /// The operands are of dtypes that a library may refuse.
    outside: bool,
}

impl Row {
    fn parse(paragraph: &str) -> Row {
        let mut row = Row { comments: Vec::new(), call: String::new(), did: Vec::new(), verdicts: Vec::new() };
        for line in paragraph.lines() {
            match line.trim() {
                comment if comment.starts_with('#') => row.comments.push(comment.to_owned()),
                verdict if verdict.starts_with("=>") => row.verdicts.push(verdict.to_owned()),
                did if line.starts_with(' ') => row.did.push(did.to_owned()),
                call => row.call = call.to_owned(),
            }
        }
        row
    }

    /// The row with these verdicts.
    fn written(&self, verdicts: &[String]) -> String {
        let indented = self.did.iter().chain(verdicts).map(|line| format!("    {line}"));
        let own = std::iter::once(self.call.clone()).filter(|call| !call.is_empty());
        self.comments.iter().cloned().chain(own).chain(indented).collect::<Vec<_>>().join("\n")
    }

    /// What it says of the library.
    fn read(&self) -> Did {
        let mut did = Did {
            profile: BackendProfile { devices: vec!["cpu".to_owned(), "gpu".to_owned()], ..BackendProfile::default() },
            ..Did::default()
        };
        let values = |text: &str| -> Vec<Value> { syntax::values(text).iter().map(Item::value).collect() };
        // A step after all that prepare.
        let subject = Some(u32::MAX);
        for line in &self.did {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            let observed = match word {
                "gives" => Observed::Outcome(Outcome::Values(values(rest))),
                "raises" => raised(rest, subject, Vec::new()),
                "lacks" => Observed::Outcome(Outcome::Missing { name: rest.to_owned(), step: subject, values: Vec::new() }),
                "says-unsupported" => {
                    Observed::Outcome(Outcome::Unsupported { capability: rest.to_owned(), step: subject, values: Vec::new() })
                }
                "cannot-prepare" => raised(rest, Some(0), Vec::new()),
                "cannot-hand-over" => raised(rest, None, Vec::new()),
                "dies" => Observed::Crashed(rest.to_owned()),
                "hangs" => Observed::TimedOut,
                "exhausts-memory" => Observed::OutOfMemory,
                "breaks-protocol" => Observed::Breached(rest.to_owned()),
                "was-given-up" => Observed::Skipped,
                _ => {
                    did.read_more(word, rest, line);
                    continue;
                }
            };
            did.observed = Some(observed);
        }
        did
    }
}

impl Did {
    fn read_more(&mut self, word: &str, rest: &str, line: &str) {
        let values = |text: &str| -> Vec<Value> { syntax::values(text).iter().map(Item::value).collect() };
        let dtype = |name: &str| name.parse::<DType>().unwrap_or_else(|_| panic!("`{line}`: `{name}` is no dtype"));
        match word {
            // The inputs afterwards.
            "leaves" => self.inputs = Some(values(rest)),
            "with" => self.attributes = values(rest),
            "on" => {
                let device = |name: &str| Value::Device(vec![name.trim().to_owned()]);
                self.devices = rest.split(" from ").map(device).collect();
            }
            // The result, and the input then.
            "overwritten" => {
                self.overwritten = Some(Observed::Outcome(Outcome::Values(values(rest).into_iter().rev().collect())));
            }
            // The step after the call, which is to overwrite its result.
            "cannot-be-overwritten" => self.overwritten = Some(raised(rest, Some(1), Vec::new())),
            "tells-no-device" => self.deviceless = true,
            "drawn-for" => self.special = Some(rest.to_owned()),
            "has-to-raise" => self.raises = Some(rest.to_owned()),
            "outside-the-domain" => self.outside = true,
            // Sorts of libraries.
            "loses" => {
                let (what, of) = rest.rsplit_once(" of ").expect("a kind of values of a dtype");
                let kind = Fragile::ALL.into_iter().find(|kind| kind.to_string() == what).expect("a kind of values");
                self.profile.losses.values.entry(dtype(of)).or_default().insert(kind);
            }
            "has-one-nan" => drop(self.profile.losses.nans.insert(dtype(rest), -f64::NAN)),
            "cannot" => drop(self.profile.lacks.insert(rest.to_owned(), "it says so".to_owned())),
            "has-by-name-alone" => drop(self.profile.unusable.insert(dtype(rest), "it has no operations".to_owned())),
            "has-axes-at-most" => {
                let rank = rest.parse().expect("a number of axes");
                self.profile.rank_limit = Some(RankLimit { rank, why: format!("it has {rank} axes at most") });
            }
            _ => panic!("`{line}` says nothing that is known of a library"),
        }
    }

    /// What came of the program of a call whose inputs these are.
    fn observed(&self, program: &Program, inputs: &[&Array], changed: usize) -> Observed {
        let observed = self.observed.clone().unwrap_or_else(|| panic!("the row does not say what the library did"));
        let Observed::Outcome(Outcome::Values(mut values)) = observed else { return observed };
        values.extend(self.attributes.iter().cloned());
        if self.deviceless {
            let name = "attribute.device".to_owned();
            let step = program.steps.iter().position(|step| step.function == name).map(|step| step as u32);
            return Observed::Outcome(Outcome::Missing { name, step, values });
        }
        values.extend(self.devices.iter().cloned());
        let unchanged = || inputs.iter().skip(changed).map(|array| Value::Array((*array).clone())).collect();
        let missing = program.returns.len().saturating_sub(values.len());
        values.extend(self.inputs.clone().unwrap_or_else(unchanged).into_iter().take(missing));
        Observed::Outcome(Outcome::Values(values))
    }
}

/// An exception as it is written: its class, those from which that derives in parentheses, and its message.
fn raised(text: &str, step: Option<u32>, values: Vec<Value>) -> Observed {
    let (class, message) = text.split_once(": ").unwrap_or((text, ""));
    let (class, bases) = class.trim_end_matches(')').split_once('(').unwrap_or((class, ""));
    let bases = bases.split(", ").filter(|base| !base.is_empty()).map(str::to_owned).collect();
    let exception = Exception { bases, ..Exception::new(class, message) };
    Observed::Outcome(Outcome::Raised { exception, step, values })
}

/// What is judged of a row.
fn verdicts(row: &Row) -> Vec<String> {
    let (spec, did, written) = (Spec::embedded(), row.read(), syntax::call(&row.call));
    // In a line a NaN has no sign, and a layout stands in a note.
    let plain = |text: &str| {
        let words = ["transposed ", "reversed ", "strided ", "broadcast "];
        words.iter().fold(text.replace("-nan", "nan"), |text, word| text.replace(word, ""))
    };
    let is_this = |shown: String| plain(&shown) == plain(&row.call);
    match &written.path {
        syntax::Path::Of(path) => {
            let named = |name: &str| spec.functions.iter().find(|f| f.path() == name);
            let function = named(path).or_else(|| named(&format!("builtins.{path}"))).unwrap_or_else(|| panic!("no function `{path}`"));
            let (shown, lines) = if function.is_elementwise() && !did.outside {
                let case = operands(function, &written);
                (snippet::call(function, &case), of_elements(spec, function, &case, &did))
            } else {
                let call = call(function, &written, &did);
                (snippet::call(function, &call), of_call(spec, function, call, &did))
            };
            assert!(is_this(shown.clone()), "`{}` is written as `{shown}`", row.call);
            lines
        }
        syntax::Path::Operator => {
            // The operator is the one that is shown so.
            let operators = spec.functions.iter().filter(|f| f.operator.is_some() && f.operands.len() == written.arguments.len());
            let reversed = Written { arguments: written.arguments.iter().rev().cloned().collect(), ..written.clone() };
            let all = operators.flat_map(|f| [(f, operands(f, &written)), (f, operands(f, &reversed))]);
            let mut found = all.filter(|(function, case)| is_this(snippet::call(function, case)));
            let (function, case) = found.next().unwrap_or_else(|| panic!("no operator is shown as `{}`", row.call));
            of_elements(spec, function, &case, &did)
        }
    }
}

/// The call of an element-wise function.
fn operands<'f>(function: &'f Function, written: &Written) -> Call<'f> {
    let mut positional = written.arguments.iter().filter(|(name, _)| name.is_none()).map(|(_, item)| item);
    let operands = function.operands.iter().map(|operand| {
        let named = written.arguments.iter().find(|(name, _)| name.as_deref() == Some(&operand.name)).map(|(_, item)| item);
        let (item, form) = match named {
            Some(item) => (Some(item), ArgForm::Keyword),
            None => positional.next().map_or((None, ArgForm::Keyword), |item| (Some(item), ArgForm::Positional)),
        };
        let given = item.map(Item::given).filter(|given| *given != Given::None);
        Operand { given, layout: item.and_then(|item| item.layouts().first().copied()).unwrap_or(Layout::Contiguous), form }
    });
    Call { returns_inputs: true, ..Call::of_operands(function, operands) }
}

/// A call of any other function.
fn call<'f>(function: &'f Function, written: &Written, did: &Did) -> Call<'f> {
    let mut positional = written.arguments.iter().filter(|(name, _)| name.is_none()).map(|(_, item)| item);
    let (mut arguments, mut forms, mut layouts) = (Vec::new(), Vec::new(), Vec::new());
    for parameter in &function.signature.parameters {
        let of_domain = function.parameters.iter().find(|p| p.name == parameter.name);
        let takes_device = of_domain.is_some_and(|p| matches!(p.domain, Domain::Device {}));
        let named = written.arguments.iter().find(|(name, _)| name.as_deref() == Some(&parameter.name)).map(|(_, item)| item);
        let mut add = |given: Given, form, item_layouts: Vec<Layout>| {
            let given = match given {
                Given::Str(name) if takes_device => Given::Device(name),
                other => other,
            };
            arguments.push((parameter.name.as_str(), given));
            forms.push(form);
            layouts.extend(item_layouts);
        };
        if parameter.kind == ParameterKind::VarPositional {
            let items: Vec<&Item> = positional.by_ref().collect();
            let laid = items.iter().flat_map(|item| item.layouts()).collect();
            add(Given::Tuple(items.into_iter().map(Item::given).collect()), ArgForm::Positional, laid);
        } else if let Some(item) = named {
            add(item.given(), ArgForm::Keyword, item.layouts());
        } else if let Some(item) = positional.next() {
            add(item.given(), ArgForm::Positional, item.layouts());
        }
    }
    let returns_devices = !did.devices.is_empty() || did.deviceless;
    Call { arguments, forms, layouts, returns_inputs: did.overwritten.is_none(), returns_devices, ..Call::default() }
}

fn of_elements(spec: &Spec, function: &Function, case: &Call<'_>, did: &Did) -> Vec<String> {
    let kernel = array_assay_oracle::kernel(function.semantics()).expect("every element-wise function has a kernel");
    let capabilities = BTreeMap::new();
    let judge = FunctionJudge::new(spec, function, kernel, &capabilities, &did.profile.losses);
    let slug = did.special.as_deref().and_then(|id| id.strip_prefix("special/"));
    let rule = slug.map(|slug| function.rules.iter().position(|rule| rule.slug == slug).unwrap_or_else(|| panic!("no case `{slug}`")));
    let program = case.program(function);
    let observed = did.observed(&program, &case.arrays(), changed(function));
    let mut ledger = Ledger::default();
    judge.judge(
        &Place { id: rule.map_or(Sort::Plain, Sort::Special).nth(0), cell: 0, targets: &[] },
        case,
        &program,
        &observed,
        &mut ledger,
    );
    let label = Combination::new(spec, function, case.dtypes().collect()).map(|c| c.label).unwrap_or_default();
    let mut lines = Lines::default();
    for (check, definition) in judge.checks().iter().enumerate() {
        let id = || definition.id.to_string();
        ledger.get(check, 0).into_iter().for_each(|tally| lines.tally(id(), &label, tally));
        ledger.broken_of(check).for_each(|(_, tally)| lines.tally(id(), &label, tally));
    }
    lines.all()
}

fn of_call(spec: &Spec, function: &Function, call: Call<'_>, did: &Did) -> Vec<String> {
    let capabilities = BTreeMap::new();
    let program = call.program(function);
    let mut lines = Lines::default();
    if did.outside {
        let accepted = function.accepted.expect("a function that may accept other dtypes");
        let judge = AcceptedJudge { function, accepted, defaults: did.profile.defaults, capabilities: &capabilities };
        let program = Program { returns: program.returns[..1].to_vec(), ..program };
        let mut tally = Tally::default();
        judge.judge(Sort::Accepted.nth(0), &call.arrays(), &program, &did.observed(&program, &[], 0), &mut tally);
        lines.tally(format!("{}::accepted", function.name), "those dtypes", &tally);
        return lines.all();
    }
    let stream = CallStream::new(spec, function, &did.profile).expect("the library has such dtypes");
    let judge = CallJudge::new(&stream, &capabilities);
    let inputs: Vec<Array> = call.arrays().into_iter().cloned().collect();
    let dtypes = primary_dtypes(function, &call);
    let position = |wanted: &[DType]| stream.combinations.iter().position(|combination| combination.dtypes == wanted);
    let combination = position(&dtypes).or_else(|| position(&dtypes[..dtypes.len().min(1)])).unwrap_or(0);
    let (id, mut tally) = (Sort::Plain.nth(0), Ledger::default());
    let inputs: Vec<&Array> = inputs.iter().collect();
    if let Some(slug) = &did.raises {
        let raise = function.raises.iter().find(|raise| raise.slug == *slug).unwrap_or_else(|| panic!("no clause `{slug}`"));
        let case = Case::bare(call, Expectation::Raises);
        let observed = did.observed(&program, &inputs, 0);
        judge.judge_raise(&Ran { id, combination, case: &case, program: &program, observed: &observed }, raise, &mut tally);
    } else if let Some(observed) = &did.overwritten {
        let case = Case::bare(call, Expectation::Anything);
        let program = case.call.overwriting(program);
        judge.judge_copy(&Ran { id, combination, case: &case, program: &program, observed }, &mut tally);
    } else {
        let Some(case) = stream.specified(call) else { return vec!["=> open: the standard does not say what comes out".to_owned()] };
        let observed = did.observed(&program, &inputs, changed(function));
        judge.judge(&Ran { id, combination, case: &case, program: &program, observed: &observed }, &mut tally);
    }
    for (i, definition) in judge.checks().iter().enumerate() {
        for (cell, tally) in tally.of(i) {
            lines.tally(definition.id.to_string(), &cell.label, tally);
        }
    }
    lines.all()
}

/// The dtypes by which the cell of a call is found: those of the parameter that leads, and then those of arrays.
fn primary_dtypes(function: &Function, call: &Call<'_>) -> Vec<DType> {
    let mut dtypes = Vec::new();
    let first = function.primary().and_then(|primary| call.argument(&primary.name));
    let named = first.into_iter().flat_map(Given::nodes).filter_map(|node| match node {
        Given::Array(Array { dtype, .. }) | Given::Dtype(dtype) => Some(*dtype),
        _ => None,
    });
    let arrays = call.arrays().into_iter().map(|array| array.dtype);
    for dtype in named.chain(arrays) {
        if !dtypes.contains(&dtype) {
            dtypes.push(dtype);
        }
    }
    dtypes
}

/// The lines of a row.
#[derive(Default)]
struct Lines {
    passed: BTreeMap<String, Vec<String>>,
    other: Vec<String>,
}

impl Lines {
    /// What is said of a tally of one case.
    fn tally(&mut self, id: String, label: &str, tally: &Tally) {
        let id = id.split_once("::").map_or(id.as_str(), |(_, rest)| rest);
        let on = if label.is_empty() { String::new() } else { format!(" on {label}") };
        if tally.cases > tally.failures {
            self.passed.entry(on.clone()).or_default().push(id.to_owned());
        }
        let mut say = |what: String| self.other.push(format!("=> {id}{on}: {what}"));
        if let Some(failure) = &tally.first {
            say(deviation(failure));
        }
        if let Some(failure) = &tally.no_result {
            say(format!("no result, {}", deviation(failure)));
        }
        if let Some(why) = &tally.excuse {
            say(format!("excused: {why}"));
        }
        if let Some(why) = &tally.unprepared {
            say(format!("not prepared: {why}"));
        }
        if tally.skipped > 0 {
            say("skipped".to_owned());
        }
        if tally.classes.flushed > 0 {
            say(format!("{} flushed", tally.classes.flushed));
        }
        if tally.classes.alternative > 0 {
            say(format!("{} otherwise right", tally.classes.alternative));
        }
        for ((what, class), ratio) in &tally.ratios {
            let class = class.map(|class| format!(" of {class}")).unwrap_or_default();
            // How small an error is depends on how its bound is computed.
            let within = if ratio.max <= ratio.threshold { "within" } else { "beyond" };
            say(format!("the {what}{class} is {within} {}", ratio.threshold));
        }
        let nothing = tally.cases + tally.skipped + tally.excused == 0 && tally.unprepared.is_none() && tally.no_result.is_none();
        if tally.due && nothing {
            say("not judged".to_owned());
        }
    }

    fn all(self) -> Vec<String> {
        let passed = self.passed.into_iter().map(|(on, ids)| format!("=> pass{on}: {}", ids.join(", ")));
        let out: Vec<String> = passed.chain(self.other).collect();
        if out.is_empty() { vec!["=> nothing is judged".to_owned()] } else { out }
    }
}

fn deviation(failure: &Failure) -> String {
    let Failure { cause, expected, got, verdict, kinds, element, .. } = failure;
    let verdict = if *verdict == Verdict::Fail { String::new() } else { format!("{verdict}, ") };
    let kinds: Vec<&str> = kinds.iter().map(|kind| kind.as_ref()).collect();
    let kinds = if kinds.is_empty() { String::new() } else { format!(" ({})", kinds.join(", ")) };
    let element = element.map(|i| format!(", element {i}")).unwrap_or_default();
    format!("{verdict}{cause}{kinds}: expected {expected}, got {got}{element}")
}

/// What is said of a row that nobody can judge.
const UNREADABLE: &str = "the row cannot be read";

fn tables() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verdicts/tables");
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("the folder of tables").map(|entry| entry.expect("a table").path()).collect();
    paths.sort();
    paths
}

#[test]
fn every_row_is_judged_as_its_table_says() {
    let update = std::env::var_os("ARRAY_ASSAY_UPDATE").is_some();
    let (mut rows, mut wrong) = (0, Vec::new());
    for path in tables() {
        let text = std::fs::read_to_string(&path).expect("a table");
        let mut out = Vec::new();
        for paragraph in text.split("\n\n").map(str::trim_end).filter(|paragraph| !paragraph.is_empty()) {
            let row = Row::parse(paragraph);
            if row.call.is_empty() {
                out.push(paragraph.to_owned());
                continue;
            }
            rows += 1;
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let Ok(found) = std::panic::catch_unwind(|| verdicts(&row)) else {
                wrong.push(format!("{name}: {UNREADABLE}\n{}\n", row.written(&row.verdicts)));
                out.push(row.written(&row.verdicts));
                continue;
            };
            if found != row.verdicts {
                wrong.push(format!("{name}: the table says\n{}\nand it is judged\n{}\n", row.written(&row.verdicts), found.join("\n")));
            }
            out.push(row.written(&found));
        }
        if update {
            std::fs::write(&path, out.join("\n\n") + "\n").expect("a table can be written");
        }
    }
    let is_unreadable = |wrong: &String| wrong.contains(UNREADABLE);
    let fine = if update { !wrong.iter().any(is_unreadable) } else { wrong.is_empty() };
    assert!(fine, "{}{} of {rows} rows; ARRAY_ASSAY_UPDATE=1 writes what is judged", wrong.join("\n"), wrong.len());
    assert!(rows >= 80, "{rows} rows");
}
