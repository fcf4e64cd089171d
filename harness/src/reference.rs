//! The oracle as a backend: it promotes, broadcasts and computes as the spec and the oracle say. With a mutation it has one fault.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::OnceLock;

use array_assay_format::{Property, Revision};
use array_assay_interface::{
    Argument, Array, Backend, CallError, DType, Defaults, Element, Exception, Identity, Output, PROTOCOL_VERSION, ParameterKind, Presence,
    Record, Scalar, Slice, Value,
};
use array_assay_oracle::call::{Call, Expectation, Given, Semantics, Undefined, semantics};
use array_assay_spec::checks::{ACCEPTED, COMPLEX_SCALAR, SCALAR};
use array_assay_spec::{Claim, DtypeRule, Function, OperatorForm, Rule, Spec};

use crate::generate::{self, Arguments, CallForm, Layout, RepeatedAxis, Transpose, holds, ruled_dtype};
use crate::judge::{accepted_example, judge};
use crate::mutants::{Broken, Fault, Mutation, Origin, shown_signature};
use crate::python_values;

/// The oracle as a backend.
pub struct Reference {
    spec: &'static Spec,
    mutation: Option<Mutation>,
}

/// An array of the reference: its elements, and where they come from.
#[derive(Debug, Clone)]
pub struct ReferenceArray {
    contents: Rc<RefCell<Array>>,
    layout: Layout,
    /// The length of the longest chain of calls that the array comes from.
    calls: usize,
    /// Whether a mutant says that the array is on another device.
    elsewhere: bool,
}

impl ReferenceArray {
    fn new(array: Array, layout: Layout) -> ReferenceArray {
        ReferenceArray { contents: Rc::new(RefCell::new(array)), layout, calls: 0, elsewhere: false }
    }

    /// Changes the first byte of the array. A mutant that overwrites its inputs does this.
    fn overwrite(&self) {
        if let Some(byte) = self.contents.borrow_mut().data.first_mut() {
            *byte ^= 1;
        }
    }
}

impl Origin {
    /// Where these arrays come from.
    fn of<'a>(arrays: impl Iterator<Item = &'a ReferenceArray>) -> Origin {
        let arrays: Vec<&ReferenceArray> = arrays.collect();
        let one = |(i, array): (usize, &&ReferenceArray)| arrays[..i].iter().any(|other| Rc::ptr_eq(&other.contents, &array.contents));
        Origin {
            strided: arrays.iter().any(|array| array.layout != Layout::Contiguous),
            calls: arrays.iter().map(|array| array.calls).max().unwrap_or_default(),
            one_object: arrays.iter().enumerate().any(one),
        }
    }
}

impl Default for Reference {
    fn default() -> Self {
        Reference::new(None)
    }
}

impl Reference {
    /// The reference, or a mutant of it.
    pub fn new(mutation: Option<Mutation>) -> Reference {
        Reference { spec: Spec::embedded(), mutation }
    }

    /// The result of an element-wise function.
    fn elementwise(
        &self,
        function: &Function,
        mutation: Option<&Mutation>,
        args: &[Argument<'_, ReferenceArray>],
        kwargs: &[(String, Argument<'_, ReferenceArray>)],
    ) -> Result<Array, CallError> {
        let type_error = |message: String| CallError::raised("TypeError", message);
        let case = operands_of(function, args, kwargs)?;
        let inputs: Vec<ReferenceArray> =
            args.iter().chain(kwargs.iter().map(|(_, arg)| arg)).flat_map(arrays_of).map(ReferenceArray::clone).collect();
        let origin = Origin::of(inputs.iter());
        let name = &function.name;
        let common = case.common_dtype(self.spec).ok_or_else(|| type_error(format!("{name}: no common dtype")))?;
        let complex = case.form() == CallForm::ComplexScalar && function.complex_scalars_since().is_none();
        if complex || !function.operands.iter().all(|o| o.dtypes.contains(common)) {
            return Err(type_error(format!("{name}: {common} is outside the domain")));
        }
        let dtype = case.result_dtype(self.spec, function).unwrap_or(common);
        let shape = generate::broadcast(case.laid().map(|(array, _)| array.shape.as_slice()))
            .ok_or_else(|| CallError::raised("ValueError", format!("{name}: the shapes do not broadcast")))?;
        let kernel = array_assay_oracle::kernel(function.semantics()).ok_or_else(|| CallError::Missing(name.clone()))?;
        let pairing = case.pairing(function, common, &shape);
        let total: usize = shape.iter().product();
        // If the oracle has no opinion, a special case may have one.
        let claimed = |args: &Arguments| {
            function.rules.iter().find_map(|rule| match rule.claim(self.spec, function, common, args)? {
                Claim::OneOf(expected) => Some(expected[0].witness()),
                Claim::Holds(holds) => [1.0, -1.0, 0.0, f64::NAN]
                    .map(|v| Element::F64(v).cast(dtype))
                    .into_iter()
                    .find(|candidate| Rule::holds(&holds, function, common, args, *candidate)),
            })
        };
        let value = |args: &Arguments| -> Element {
            kernel.eval(common, args).value.or_else(|| claimed(args)).unwrap_or(Element::Int(0)).cast(dtype)
        };
        let mut elements: Vec<Element> = (0..total).map(|i| value(&pairing.arguments(i))).collect();
        let mut result = (dtype, shape);
        if let Some(mutation) = mutation {
            let args: Vec<Arguments> = (0..total).map(|i| pairing.arguments(i)).collect();
            let call = crate::mutants::MutatedCall {
                spec: self.spec,
                function,
                common,
                case: &case,
                args: &args,
                origin,
                value: &|args: &[Element]| kernel.eval(common, args).value.map(|e| e.cast(dtype)),
            };
            mutation.apply(&call, &mut elements, &mut result)?;
            overwrite(mutation, inputs.iter());
        }
        let (dtype, shape) = result;
        Ok(Array::from_elements(dtype, shape, elements))
    }
}

/// A call of a function that is not element-wise, while the reference answers it.
struct WholeCall<'c> {
    function: &'c Function,
    mutation: Option<&'c Mutation>,
    args: &'c [Argument<'c, ReferenceArray>],
    /// The arguments by parameter.
    given: Vec<(&'c str, Given)>,
    /// The dtype that the function's rule gives the result.
    dtype: Option<DType>,
    semantics: Semantics,
}

impl<'c> WholeCall<'c> {
    fn new(
        spec: &Spec,
        function: &'c Function,
        mutation: Option<&'c Mutation>,
        args: &'c [Argument<'c, ReferenceArray>],
        kwargs: &[(String, Argument<'_, ReferenceArray>)],
    ) -> Result<WholeCall<'c>, CallError> {
        let mut given = bound(function, args, kwargs)?;
        if let Some(mutation) = mutation {
            mutation.apply_to_arguments(function, &mut given);
            mutation.apply_default(function, &mut given);
            if mutation.fault == Fault::CopyInsteadOfAlias {
                given.retain(|(name, _)| *name != "copy");
            }
        }
        let path = mutation.and_then(Mutation::mistaken_for).map_or_else(|| function.oracle_path(), str::to_owned);
        let semantics = semantics(&path).ok_or_else(|| CallError::Missing(function.path()))?;
        let dtype = ruled_dtype(spec, function, function.result.dtype, &given, Defaults::default());
        Ok(WholeCall { function, mutation, args, given, dtype, semantics })
    }

    /// What the standard says of the call.
    fn expectation(&self) -> Result<Expectation, Undefined> {
        (self.semantics)(&Call { given: &self.given, dtype: self.dtype, defaults: Defaults::default() })
    }

    fn has_fault(&self, fault: &Fault) -> bool {
        self.mutation.is_some_and(|mutation| mutation.fault == *fault)
    }

    /// An exception of every class that the text names for the function.
    fn refused(&self, why: &str) -> CallError {
        let bases = match self.has_fault(&Fault::RaisesAnother) {
            false => self.function.raises.iter().filter_map(|raise| raise.class.clone()).collect(),
            true => vec!["Exception".to_owned()],
        };
        CallError::Raised(Exception { bases, ..Exception::new("Refused", format!("{}: {why}", self.function.name)) })
    }

    /// The arrays among the arguments.
    fn arrays(&self) -> impl Iterator<Item = &'c ReferenceArray> {
        self.args.iter().flat_map(arrays_of)
    }

    /// Answers the call: with an example of what the standard allows, which a mutant changes.
    fn answer(&self) -> Result<Output<ReferenceArray>, CallError> {
        if let Some(input) = self.arrays().next().filter(|_| self.shares_memory()) {
            let expected = self.expectation().ok().and_then(|e| e.example());
            let same = matches!(expected, Some(Value::Array(array)) if array == *input.contents.borrow());
            return if same { Ok(Output::Array(input.clone())) } else { Err(self.refused("it would have to copy")) };
        }
        match self.expectation() {
            Ok(Expectation::Raises) | Err(_) if self.has_fault(&Fault::NeverRaises) => Ok(Output::None),
            Ok(Expectation::Object(fields)) => self.object(&fields),
            Ok(expectation) => self.value(&expectation),
            Err(Undefined::Illegal(why)) => Err(self.refused(&why)),
            Err(Undefined::Open) => Err(self.refused("the standard leaves this open")),
        }
    }

    /// Whether the call must not copy, or a mutant does not copy.
    fn shares_memory(&self) -> bool {
        let copy = self.given.iter().find(|(name, _)| *name == "copy").map(|(_, given)| given);
        let never = copy == Some(&Given::Scalar(Scalar::Bool(false))) && !self.has_fault(&Fault::CopyInsteadOfAlias);
        self.function.copies() && (never || self.has_fault(&Fault::AliasInsteadOfCopy))
    }

    /// An object with the attributes that the standard names.
    fn object(&self, fields: &[(&'static str, Expectation)]) -> Result<Output<ReferenceArray>, CallError> {
        let mut out = Vec::with_capacity(fields.len());
        for (name, field) in fields {
            let Some(mut value) = field.example() else { continue };
            if let Some(mutation) = self.mutation {
                mutation.apply_to_result(&self.given, Origin::default(), &mut value)?;
            }
            out.push((*name, output(value, Layout::Contiguous)));
        }
        Ok(Output::object(out))
    }

    /// Any other result. A function that changes its first argument returns nothing.
    fn value(&self, expectation: &Expectation) -> Result<Output<ReferenceArray>, CallError> {
        let mut value = expectation.example().ok_or_else(|| self.refused("the standard has it raise"))?;
        if let Some(mutation) = self.mutation {
            mutation.apply_to_result(&self.given, Origin::of(self.arrays()), &mut value)?;
            overwrite(mutation, self.arrays());
        }
        if let (Some(_), Some(Argument::Array(changed)), Value::Array(array)) = (&self.function.result.observes, self.args.first(), &value)
        {
            changed.contents.replace(array.clone());
            return Ok(Output::None);
        }
        let first = self.arrays().next().map(|array| array.contents.borrow().dtype);
        let elsewhere = |dtype: DType| first.map_or_else(|| self.given.contains(&("dtype", Given::Dtype(dtype))), |d| d == dtype);
        Ok(match (output(value, self.layout()), self.mutation.map(|m| &m.fault)) {
            (Output::Array(array), Some(Fault::WrongDeviceOn(dtype))) if elsewhere(*dtype) => {
                Output::Array(ReferenceArray { elsewhere: true, ..array })
            }
            (output, _) => output,
        })
    }

    /// The layout of the result.
    fn layout(&self) -> Layout {
        match self.function.name.as_str() {
            _ if is_strided(self.function, &self.given) => Layout::Strided,
            "permute_dims" => Layout::Transposed(Transpose::PermuteDims),
            "broadcast_to" => Layout::Broadcast(RepeatedAxis::First),
            _ => Layout::Contiguous,
        }
    }
}

/// Whether a call selects elements that are not contiguous, by a slice with a step.
fn is_strided(function: &Function, given: &[(&str, Given)]) -> bool {
    let stepping = |key: &Given| matches!(key, Given::Slice(Slice { step: Some(step), .. }) if *step != 1);
    function.path() == "operator.getitem" && given.iter().any(|(_, given)| given.parts().iter().any(stepping))
}

impl Backend for Reference {
    type Array = ReferenceArray;

    fn identity(&self, functions: &[String]) -> Identity {
        let hidden = |f: &Function| self.mutation.as_ref().is_some_and(|m| m.hides(f));
        let has = |path: &&String| !functions_of(path).is_empty() && !functions_of(path).iter().any(|f| hidden(f));
        let mut extensions: Vec<String> = self.spec.functions.iter().filter_map(|f| f.extension().map(str::to_owned)).collect();
        extensions.dedup();
        Identity {
            protocol: PROTOCOL_VERSION,
            name: "reference".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            language: "Rust".to_owned(),
            platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            devices: vec!["cpu".to_owned()],
            dtypes: DType::ALL.iter().map(|d| d.name().to_owned()).collect(),
            default_dtypes: BTreeMap::new(),
            revisions: vec!["2025.12".to_owned()],
            extensions,
            capabilities: BTreeMap::new(),
            functions: functions.iter().filter(has).map(|path| (path.clone(), self.presence(path))).collect(),
            ..Identity::default()
        }
    }

    fn from_host(&mut self, array: &Array) -> Result<ReferenceArray, CallError> {
        Ok(ReferenceArray::new(array.clone(), Layout::Contiguous))
    }

    fn to_host(&mut self, array: &ReferenceArray) -> Result<Array, CallError> {
        Ok(array.contents.borrow().clone())
    }

    fn call(
        &mut self,
        function: &str,
        args: &[Argument<'_, ReferenceArray>],
        kwargs: &[(String, Argument<'_, ReferenceArray>)],
    ) -> Result<Output<ReferenceArray>, CallError> {
        let before = args.iter().flat_map(arrays_of).map(|array| array.calls).max().unwrap_or(0);
        let mut result = self.answer(function, args, kwargs)?;
        if let Output::Array(array) = &mut result {
            array.calls = before + 1;
        }
        Ok(result)
    }
}

impl Reference {
    /// Whether a value is one of the results that the standard allows for a call. `None` for element-wise functions, whose results are judged
    /// by element, and for what is no function of the standard.
    pub(crate) fn allows(
        &self,
        path: &str,
        args: &[Argument<'_, ReferenceArray>],
        kwargs: &[(String, Argument<'_, ReferenceArray>)],
        value: &Value,
    ) -> Option<bool> {
        let function = self.called(path, args).filter(|function| !function.is_elementwise())?;
        let expectation = WholeCall::new(self.spec, function, None, args, kwargs).ok()?.expectation().ok()?;
        Some(judge(&expectation, value, &[]).hold())
    }

    /// What the reference tells about a function.
    fn presence(&self, path: &str) -> Presence {
        let of_mutant = functions_of(path).iter().find_map(|f| self.mutation_of(f).map(|mutation| mutation.signature(f)));
        let shows = functions_of(path).first().filter(|f| f.shows_signature());
        Presence { signature: shows.map(|f| of_mutant.unwrap_or_else(|| shown_signature(f))) }
    }

    /// The mutation, if it is one of this function.
    fn mutation_of(&self, function: &Function) -> Option<&Mutation> {
        self.mutation.as_ref().filter(|mutation| mutation.is_of(function))
    }

    /// The function that a path means with these arguments.
    fn called(&self, path: &str, args: &[Argument<'_, ReferenceArray>]) -> Option<&'static Function> {
        // If the left operand is a Python scalar, Python calls the reflected method of the array on the right.
        let reflected = matches!(args.first(), Some(Argument::Scalar(_)))
            .then(|| self.spec.functions.iter().find(|f| f.operator.as_ref().is_some_and(|o| o.python.as_deref() == Some(path))))
            .flatten();
        // Arrays and dtypes share the path of an operator.
        let of_arrays = args.iter().any(|arg| matches!(arg, Argument::Array(_)));
        let named = functions_of(path);
        reflected.or_else(|| named.iter().find(|f| (f.category == "array") == of_arrays).or(named.first()).copied())
    }

    /// Answers a call, with the fault of the mutation if it has one.
    fn answer(
        &self,
        path: &str,
        args: &[Argument<'_, ReferenceArray>],
        kwargs: &[(String, Argument<'_, ReferenceArray>)],
    ) -> Result<Output<ReferenceArray>, CallError> {
        if let Some(answer) = python_values::answer(path, args) {
            return answer;
        }
        let function = self.called(path, args);
        let Some((function, mutation)) = function.and_then(|f| self.mutation_of(f).map(|mutation| (f, mutation))) else {
            return self.computed(path, function, None, args, kwargs);
        };
        let own = usize::from(function.path().starts_with("method."));
        let keywords: Vec<&str> = kwargs.iter().map(|(name, _)| name.as_str()).collect();
        mutation.refuses(function, args.len().saturating_sub(own), &keywords)?;
        let ignored = |name: &str| mutation.fault == Fault::Ignores(name.to_owned());
        let kept: Vec<_> = kwargs.iter().filter(|(name, _)| !ignored(name)).cloned().collect();
        match &mutation.fault {
            Fault::Breaks(broken) if self.concerns(broken, function, args, &kept) => {
                if broken.property == Property::Call {
                    return Err(CallError::raised("RuntimeError", "a mutant does not like this"));
                }
                let answer = self.computed(path, Some(function), Some(mutation), args, &kept)?;
                Ok(corrupted(broken, function, args, answer))
            }
            // A broken property leaves all other calls as they are.
            Fault::Breaks(_) => self.computed(path, Some(function), None, args, &kept),
            _ => self.computed(path, Some(function), Some(mutation), args, &kept),
        }
    }

    /// Whether a call is one of those for which a property is broken.
    fn concerns(
        &self,
        broken: &Broken,
        function: &Function,
        args: &[Argument<'_, ReferenceArray>],
        kwargs: &[(String, Argument<'_, ReferenceArray>)],
    ) -> bool {
        let slug = broken.slug.as_deref();
        if slug == Some(ACCEPTED) || accepted(function, args).is_some() {
            return slug == Some(ACCEPTED) && accepted(function, args).is_some();
        }
        if function.is_elementwise() {
            let any = |is: fn(&Argument<'_, ReferenceArray>) -> bool| args.iter().chain(kwargs.iter().map(|(_, arg)| arg)).any(is);
            let meets_clause = || operands_of(function, args, kwargs).is_ok_and(|call| broken.is_about(function, &call, false));
            return meets_clause()
                && match slug {
                    Some(SCALAR) => any(|arg| matches!(arg, Argument::Scalar(_))),
                    Some(COMPLEX_SCALAR) => any(|arg| matches!(arg, Argument::Scalar(Scalar::Complex(_)))),
                    _ => true,
                };
        }
        let Ok(given) = bound(function, args, kwargs) else { return false };
        let ruled = |rule| ruled_dtype(self.spec, function, rule, &given, Defaults::default());
        let cast = ruled(function.result.dtype) != ruled(DtypeRule::Same);
        let call = generate::Call::positional(given);
        if !broken.is_about(function, &call, cast) {
            return false;
        }
        if let Some(aspect) = function.aspects.iter().find(|aspect| Some(aspect.slug.as_str()) == slug) {
            return holds(function, &call, cast, &aspect.when);
        }
        match function.parameters.iter().find(|p| p.since.is_some() && Some(p.name.as_str()) == slug) {
            Some(later) => call.argument(&later.name).is_some(),
            None => true,
        }
    }

    /// The answer to a call: of the library about itself, of an attribute of an object, or of a function.
    fn computed(
        &self,
        path: &str,
        function: Option<&Function>,
        mutation: Option<&Mutation>,
        args: &[Argument<'_, ReferenceArray>],
        kwargs: &[(String, Argument<'_, ReferenceArray>)],
    ) -> Result<Output<ReferenceArray>, CallError> {
        // A mutant that never raises ignores the keyword arguments.
        let heeded = if mutation.is_some_and(|m| m.fault == Fault::NeverRaises) { &[] } else { kwargs };
        if let Some(answer) = inspected(path, args, heeded) {
            return match mutation {
                Some(mutation) => corrupted_answer(mutation, path, args, answer),
                None => Ok(answer),
            };
        }
        if let (Some(attribute), [object @ Argument::Fields(Record::Object, _)]) = (path.strip_prefix("attribute."), args) {
            return object.field(attribute).map(Argument::cloned).ok_or_else(|| CallError::Missing(path.to_owned()));
        }
        let function = function.ok_or_else(|| CallError::Missing(path.to_owned()))?;
        if let Some(result) = accepted(function, args) {
            return Ok(Output::Array(ReferenceArray::new(result, Layout::Contiguous)));
        }
        if !function.is_elementwise() {
            return WholeCall::new(self.spec, function, mutation, args, kwargs)?.answer();
        }
        let turned = function.is_operator(OperatorForm::Reflected) && !matches!(args.first(), Some(Argument::Scalar(_)));
        let args: Vec<_> = if turned { args.iter().rev().cloned().collect() } else { args.to_vec() };
        let result = self.elementwise(function, mutation, &args, kwargs)?;
        if let (true, Some(Argument::Array(changed))) = (function.is_operator(OperatorForm::InPlace), args.first()) {
            changed.contents.replace(result);
            return Ok(Output::Array((*changed).clone()));
        }
        Ok(Output::Array(ReferenceArray::new(result, Layout::Contiguous)))
    }
}

/// The operands of an element-wise function among the arguments of a call.
fn operands_of<'f>(
    function: &'f Function,
    args: &[Argument<'_, ReferenceArray>],
    kwargs: &[(String, Argument<'_, ReferenceArray>)],
) -> Result<generate::Call<'f>, CallError> {
    let of = |(i, operand): (usize, &'f array_assay_spec::Operand)| {
        let given = args.get(i).or_else(|| kwargs.iter().find(|(name, _)| *name == operand.name).map(|(_, arg)| arg));
        let given = match given {
            Some(Argument::Array(array)) => Given::Array(array.contents.borrow().clone()),
            Some(Argument::Scalar(scalar)) => Given::Scalar(*scalar),
            None | Some(Argument::None) if operand.optional => Given::None,
            _ => {
                let why = format!("{}: argument `{}` is missing or no array", function.name, operand.name);
                return Err(CallError::raised("TypeError", why));
            }
        };
        Ok((operand.name.as_str(), given))
    };
    Ok(generate::Call::positional(function.operands.iter().enumerate().map(of).collect::<Result<_, _>>()?))
}

/// The result for operands that the standard lets a library refuse. `None` for other operands.
fn accepted(function: &Function, args: &[Argument<'_, ReferenceArray>]) -> Option<Array> {
    let accepted = function.accepted?;
    let arrays: Vec<Array> = args.iter().flat_map(arrays_of).map(|array| array.contents.borrow().clone()).collect();
    accepted_example(function, accepted, Defaults::default(), &arrays.iter().collect::<Vec<_>>())
}

/// The functions with a path.
fn functions_of(path: &str) -> &'static [&'static Function] {
    static NAMED: OnceLock<HashMap<String, Vec<&'static Function>>> = OnceLock::new();
    let named = NAMED.get_or_init(|| {
        let mut out: HashMap<String, Vec<&'static Function>> = HashMap::new();
        Spec::embedded().with_gaps().for_each(|function| out.entry(function.path()).or_default().push(function));
        out
    });
    named.get(path).map_or(&[], Vec::as_slice)
}

/// Overwrites the arrays of a call that a mutant writes to.
fn overwrite<'a>(mutation: &Mutation, arrays: impl Iterator<Item = &'a ReferenceArray>) {
    let written = arrays.filter(|array| mutation.writes_input(array.contents.borrow().dtype));
    written.for_each(ReferenceArray::overwrite);
}

/// An answer in which a property is broken.
fn corrupted(
    broken: &Broken,
    function: &Function,
    args: &[Argument<'_, ReferenceArray>],
    answer: Output<ReferenceArray>,
) -> Output<ReferenceArray> {
    let another = |array: &ReferenceArray| broken.array(&array.contents.borrow());
    // The array after the call is judged, not the result.
    let changes = function.result.observes.is_some() || function.is_operator(OperatorForm::InPlace);
    if let (true, Some(Argument::Array(changed)), true) = (changes, args.first(), broken.property != Property::Type) {
        let corrupted = another(changed);
        changed.contents.replace(corrupted);
        return answer;
    }
    broken.result(answer, &mut |array| {
        let corrupted = another(&array);
        ReferenceArray {
            contents: Rc::new(RefCell::new(corrupted)),
            elsewhere: array.elsewhere || broken.property == Property::Device,
            ..array
        }
    })
}

/// The answer of a mutant about itself.
fn corrupted_answer(
    mutation: &Mutation,
    path: &str,
    args: &[Argument<'_, ReferenceArray>],
    answer: Output<ReferenceArray>,
) -> Result<Output<ReferenceArray>, CallError> {
    if mutation.fault == Fault::Hidden {
        return Err(CallError::Missing(path.to_owned()));
    }
    let arrays: Vec<&ReferenceArray> = args.iter().flat_map(arrays_of).collect();
    let given: Vec<(&str, Given)> = args.iter().map(|arg| ("", given(arg))).collect();
    let origin = Origin::of(arrays.iter().copied());
    let sound = match &answer {
        Output::Array(array) => Value::Array(array.contents.borrow().clone()),
        // A device or an object has no elements. If a fault changes this value, the answer is `None`.
        _ => Value::Scalar(Scalar::Bool(true)),
    };
    let mut value = sound.clone();
    mutation.apply_to_result(&given, origin, &mut value)?;
    overwrite(mutation, arrays.into_iter());
    if let (Fault::WrongDeviceOn(dtype), Output::Array(array)) = (&mutation.fault, &answer)
        && array.contents.borrow().dtype == *dtype
    {
        return Ok(Output::Array(ReferenceArray { elsewhere: true, ..array.clone() }));
    }
    Ok(match (value == sound, value) {
        (true, _) => answer,
        (false, value @ Value::Array(_)) => output(value, Layout::Contiguous),
        (false, _) => Output::None,
    })
}

/// What the reference answers about itself, if the standard leaves the answer to the library.
fn inspected(
    path: &str,
    args: &[Argument<'_, ReferenceArray>],
    kwargs: &[(String, Argument<'_, ReferenceArray>)],
) -> Option<Output<ReferenceArray>> {
    let named = |items: &[(&str, DType)]| Output::dict(items.iter().map(|(key, dtype)| (*key, Output::Dtype(*dtype))));
    let device = || Output::Device("cpu".to_owned());
    let nothing_known = || Output::Fields(Record::Object, Vec::new());
    let defaults = Defaults::default();
    Some(match path {
        "__array_api_version__" => Output::Str(Revision::NEWEST.to_string()),
        // The reference knows no revision by name.
        "method.__array_namespace__" if kwargs.iter().any(|(_, version)| matches!(version, Argument::Str(_))) => return None,
        "__array_namespace_info__" => nothing_known(),
        "method.__array_namespace__" => {
            let functions = functions_of(path).iter().flat_map(|f| &f.result.attributes);
            Output::object(functions.map(|name| (name.as_str(), nothing_known())))
        }
        "attribute.device" if matches!(args.first(), Some(Argument::Array(array)) if array.elsewhere) => {
            Output::Device("elsewhere".to_owned())
        }
        "attribute.device" | "method.default_device" => device(),
        "method.devices" => Output::Tuple(vec![device()]),
        "method.__dlpack_device__" => Output::ints([1, 0]),
        "method.__dlpack__" | "attribute.__dlpack_c_exchange_api__" => nothing_known(),
        "method.to_device" => Output::Array((*args.first()?.leaf()?).clone()),
        "method.capabilities" => Output::dict([
            ("boolean indexing", Output::bool(true)),
            ("data-dependent shapes", Output::bool(true)),
            ("max dimensions", Output::None),
        ]),
        "method.default_dtypes" => named(&[
            ("real floating", defaults.real),
            ("complex floating", defaults.complex),
            ("integral", defaults.integer),
            ("indexing", defaults.index),
        ]),
        "method.dtypes" => {
            let kind = args.get(1).or_else(|| kwargs.iter().find(|(name, _)| name == "kind").map(|(_, kind)| kind));
            let of_kind = |dtype: &DType| match kind {
                Some(Argument::None) | None => true,
                Some(kinds) => kinds.parts().iter().filter_map(Argument::text).any(|kind| dtype.is_of_kind(kind) == Some(true)),
            };
            named(&DType::ALL.into_iter().filter(of_kind).map(|dtype| (dtype.name(), dtype)).collect::<Vec<_>>())
        }
        _ => return None,
    })
}

/// The output of the backend for a value.
fn output(value: Value, layout: Layout) -> Output<ReferenceArray> {
    let all = |items: Vec<Value>| items.into_iter().map(|item| output(item, layout)).collect();
    let fields = |fields: Vec<(String, Value)>| fields.into_iter().map(|(name, item)| (name, output(item, layout))).collect();
    match value {
        Value::Array(array) | Value::ArrayScalar { array, .. } => Output::Array(ReferenceArray::new(array, layout)),
        Value::Scalar(scalar) => Output::Scalar(scalar),
        Value::Dtype(names) => names.first().and_then(|name| name.parse().ok()).map_or(Output::None, Output::Dtype),
        Value::Device(names) => Output::Device(names.into_iter().next().unwrap_or_default()),
        Value::Tuple(items) => Output::Tuple(all(items)),
        Value::List(items) => Output::List(all(items)),
        Value::NamedTuple(items) => Output::Fields(Record::Named, fields(items)),
        Value::Dict(items) => Output::Fields(Record::Dict, fields(items)),
        Value::Str(text) => Output::Str(text),
        Value::None | Value::Opaque(_) | Value::Unfit(_) => Output::None,
    }
}

/// The arguments of a call bound to the function's parameters.
fn bound<'f>(
    function: &'f Function,
    args: &[Argument<'_, ReferenceArray>],
    kwargs: &[(String, Argument<'_, ReferenceArray>)],
) -> Result<Vec<(&'f str, Given)>, CallError> {
    let parameters = &function.signature.parameters;
    // The object that a method belongs to comes first.
    let args = if function.owner().is_some() { args.get(1..).unwrap_or_default() } else { args };
    let mut out = Vec::new();
    let mut rest = args.iter();
    for parameter in parameters {
        match parameter.kind {
            ParameterKind::VarPositional => out.push((parameter.name.as_str(), Given::Tuple(rest.by_ref().map(given).collect()))),
            ParameterKind::KeywordOnly => {}
            _ => out.extend(rest.next().map(|arg| (parameter.name.as_str(), given(arg)))),
        }
    }
    let type_error = |why: String| CallError::raised("TypeError", format!("{}: {why}", function.name));
    if rest.next().is_some() {
        return Err(type_error(format!("{} positional arguments", args.len())));
    }
    for (name, arg) in kwargs {
        match parameters.iter().find(|p| p.name == *name && p.kind != ParameterKind::PositionalOnly) {
            Some(parameter) if !out.iter().any(|(bound, _)| bound == name) => out.push((&parameter.name, given(arg))),
            _ => return Err(type_error(format!("the keyword argument `{name}`"))),
        }
    }
    Ok(out)
}

/// The arrays among an argument.
fn arrays_of<'a>(arg: &Argument<'a, ReferenceArray>) -> impl Iterator<Item = &'a ReferenceArray> {
    arg.leaves().copied()
}

/// The argument for the oracle, which knows no objects.
fn given(arg: &Argument<'_, ReferenceArray>) -> Given {
    arg.clone().plain().map_or(Given::None, |arg| arg.map(|array| array.contents.borrow().clone()))
}
