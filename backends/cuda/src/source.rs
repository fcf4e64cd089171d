//! The sources of the kernels: templates with the names of types in the place of placeholders.
//!
//! | placeholder | stands for |
//! |---|---|
//! | `$T` | the type of the elements, which is also the end of the names of functions on it |
//! | `$R`, `$C` | the real and the complex type of the same precision |
//! | `$m` | the end of the names in the mathematics library: `f` in single precision |
//! | `$eps` | the distance from one to the next number |
//! | `$exact` | from this number on every number of the type is an integer |
//!
//! The text of a module is the same for both dialects, but for its head.

use array_assay_interface::{DType, Kind};
use array_assay_namespace::signature::Gives;

use crate::operation::{BOOL, COMPLEX, INTEGER, OPERATIONS, Operation, REAL, TRANSCENDENTAL};

/// Which compiler reads a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// A C compiler, for the processor.
    Host,
    /// NVRTC, for a GPU.
    Gpu,
}

/// Kernels that are compiled together.
#[derive(Debug, Clone)]
pub struct Module {
    name: String,
    content: Content,
}

#[derive(Debug, Clone, Copy)]
enum Content {
    /// An element-wise operation, for all of its dtypes.
    Elementwise(&'static Operation),
    /// Casts from a dtype.
    Cast(DType),
    /// A template for one dtype.
    Template(&'static Template, DType),
}

/// A file of kernels for each of some dtypes.
#[derive(Debug)]
pub struct Template {
    /// The name of the file.
    pub name: &'static str,
    text: &'static str,
    takes: fn(DType) -> bool,
}

macro_rules! templates {
    ($($constant:ident: $name:literal, $takes:expr, $summary:literal;)*) => {
        $(#[doc = $summary]
        pub static $constant: Template = Template { name: $name, text: include_str!(concat!("../kernels/", $name, ".cu")), takes: $takes };)*

        /// All templates.
        static TEMPLATES: &[&Template] = &[$(&$constant),*];
    };
}

templates! {
    CREATION: "creation", |_| true, "Ranges, unit matrices and triangles.";
    RANGE: "range", |dtype| dtype == DType::Float64, "Ranges of numbers.";
    INDICES: "indices", |dtype| dtype == DType::Int64, "Arrays of indices.";
    REDUCTION: "reduction", |dtype| dtype != DType::Bool, "Sums and products of the rows of a matrix.";
    TRUTH: "truth", |_| true, "Truth of the elements of the rows of a matrix.";
    EXTREMES: "extremes", |dtype| dtype != DType::Bool && !dtype.is_complex(), "The least and the greatest element of the rows of a matrix.";
    SELECTION: "selection", |_| true, "Selection of elements by arrays of indices.";
    ORDER: "order", |_| true, "Sorting, searching and sets.";
    PRODUCT: "product", |dtype| dtype != DType::Bool, "Products of matrices.";
    FACTORS: "factors", DType::is_floating, "Triangular factors of matrices.";
    SPECTRA: "spectra", DType::is_floating, "Eigenvalues and singular values.";
    SCHUR: "schur", DType::is_complex, "Eigenvalues of any square matrix.";
    CEILING: "ceiling", |dtype| dtype.is_floating() && !dtype.is_complex(), "What a device can compute at most.";
    TRANSFORM: "transform", DType::is_complex, "Fourier transforms.";
}

const HOST: &str = include_str!("../kernels/host.cu");
const GPU: &str = include_str!("../kernels/gpu.cu");
const PRELUDE: &str = include_str!("../kernels/prelude.cu");
const NARROW: &str = include_str!("../kernels/narrow.cu");
const CAST: &str = include_str!("../kernels/cast.cu");
const ELEMENTWISE: &str = include_str!("../kernels/elementwise.cu");

impl Module {
    /// The kernels of an element-wise operation.
    pub fn elementwise(operation: &'static Operation) -> Module {
        Module { name: format!("elementwise/{}", operation.name), content: Content::Elementwise(operation) }
    }

    /// The casts from a dtype.
    pub fn cast(from: DType) -> Module {
        Module { name: format!("cast/{from}"), content: Content::Cast(from) }
    }

    /// A template for one dtype.
    pub fn of(template: &'static Template, dtype: DType) -> Module {
        Module { name: format!("{}/{dtype}", template.name), content: Content::Template(template, dtype) }
    }

    /// Every module that a call may need.
    pub fn all() -> Vec<Module> {
        let operations = OPERATIONS.iter().map(Module::elementwise);
        let casts = DType::ALL.into_iter().map(Module::cast);
        let templates = TEMPLATES.iter().flat_map(|template| {
            let dtypes = DType::ALL.into_iter().filter(|dtype| (template.takes)(*dtype));
            dtypes.map(|dtype| Module::of(template, dtype))
        });
        operations.chain(casts).chain(templates).collect()
    }

    /// The name, which no other module has.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text for a compiler.
    pub fn source(&self, dialect: Dialect) -> String {
        let head = match dialect {
            Dialect::Host => HOST,
            Dialect::Gpu => GPU,
        };
        let mut out = format!("{head}\n{PRELUDE}\n");
        match self.content {
            Content::Elementwise(operation) => {
                helpers(&mut out, operation.dtypes(), operation.is_transcendental);
                for dtype in operation.dtypes() {
                    out.push_str(&elementwise_kernel(operation, dtype));
                }
            }
            Content::Cast(from) => {
                helpers(&mut out, DType::ALL, false);
                for to in DType::ALL {
                    let text = CAST.replace("$expr", &cast_expression(from, to)).replace("$U", c_type(to));
                    out.push_str(&instance(&text, from));
                }
            }
            Content::Template(template, dtype) => {
                helpers(&mut out, [dtype], template.text.contains("sqrt_c128"));
                out.push_str(&instance(template.text, dtype));
            }
        }
        out
    }
}

/// The name of a dtype in the sources.
pub fn c_type(dtype: DType) -> &'static str {
    match dtype {
        DType::Bool => "b8",
        DType::Int8 => "i8",
        DType::Int16 => "i16",
        DType::Int32 => "i32",
        DType::Int64 => "i64",
        DType::Uint8 => "u8",
        DType::Uint16 => "u16",
        DType::Uint32 => "u32",
        DType::Uint64 => "u64",
        DType::Float32 => "f32",
        DType::Float64 => "f64",
        DType::Complex64 => "c64",
        DType::Complex128 => "c128",
    }
}

/// A template for a dtype.
fn instance(text: &str, dtype: DType) -> String {
    let single = dtype.is_floating() && dtype.precision() == 24;
    let exact = if single { "8388608" } else { "4503599627370496" };
    let text = text.replace("$T", c_type(dtype)).replace("$R", c_type(dtype.real())).replace("$C", c_type(dtype.complex()));
    let eps = if single { "1.1920928955078125e-7" } else { "2.220446049250313e-16" };
    text.replace("$m", if single { "f" } else { "" }).replace("$exact", exact).replace("$eps", eps)
}

/// The operations on elements of these dtypes, and on those that they need.
fn helpers(out: &mut String, dtypes: impl IntoIterator<Item = DType>, transcendental: bool) {
    let mut needed: Vec<DType> = vec![DType::Bool];
    for dtype in dtypes {
        needed.extend([dtype, dtype.real()]);
        if dtype.is_complex() {
            needed.extend([DType::Complex64, DType::Complex128, DType::Float32, DType::Float64]);
        }
    }
    let needs_complex = needed.contains(&DType::Complex128);
    for dtype in DType::ALL.into_iter().filter(|dtype| needed.contains(dtype)) {
        let text = match dtype.kind() {
            Kind::Boolean => BOOL,
            Kind::SignedInteger | Kind::UnsignedInteger => INTEGER,
            Kind::RealFloating => REAL,
            Kind::ComplexFloating => COMPLEX,
        };
        out.push_str(&instance(text, dtype));
    }
    if needs_complex {
        if transcendental {
            out.push_str(TRANSCENDENTAL);
        }
        out.push_str(NARROW);
    }
}

fn elementwise_kernel(operation: &Operation, dtype: DType) -> String {
    let out = match operation.gives {
        Gives::Same => dtype,
        Gives::Boolean => DType::Bool,
        Gives::Real => dtype.real(),
    };
    let input = |b: usize| {
        let ty = if operation.is_conditional && b == 1 { DType::Bool } else { dtype };
        format!("INPUT({}, {b})[at[{b}]]", c_type(ty))
    };
    let inputs: Vec<String> = (1..=operation.inputs).map(input).collect();
    let call = match (operation.name, dtype) {
        ("where", _) => format!("{} ? {} : {}", inputs[0], inputs[1], inputs[2]),
        (name, DType::Complex64) if operation.is_transcendental => {
            let wide: Vec<String> = inputs.iter().map(|input| format!("wide_c64({input})")).collect();
            format!("narrow_c64({name}_c128({}))", wide.join(", "))
        }
        (name, dtype) => format!("{name}_{}({})", c_type(dtype), inputs.join(", ")),
    };
    let text = ELEMENTWISE.replace("$name", operation.name).replace("$call", &call).replace("$O", c_type(out));
    instance(&text.replace("$count", &(operation.inputs + 1).to_string()), dtype)
}

/// The C expression that casts `x`. A float that an integer dtype cannot hold, which the standard leaves open, becomes the nearest integer
/// that it can, and NaN becomes zero.
fn cast_expression(from: DType, to: DType) -> String {
    let (source, target) = (c_type(from), c_type(to));
    if from == to {
        return "x".to_owned();
    }
    if to == DType::Bool {
        return format!("is_true_{source}(x)");
    }
    let part = if from.is_complex() { "x.re" } else { "x" };
    if to.is_complex() {
        let (real, imaginary) = (c_type(to.real()), if from.is_complex() { "x.im" } else { "0" });
        return format!("make_{target}(({real}){part}, ({real}){imaginary})");
    }
    if from.is_floating()
        && let Some((low, high)) = to.integer_range()
    {
        let (high, low) = (high as f64, low as f64);
        let (most, least) = limits(to);
        return format!("{part} != {part} ? 0 : {part} >= {high:.1} ? {most} : {part} <= {low:.1} ? {least} : ({target}){part}");
    }
    format!("({target}){part}")
}

/// The greatest and the least integer of a dtype as C expressions.
fn limits(dtype: DType) -> (String, String) {
    let name = c_type(dtype);
    let bits = 8 * dtype.size() - 1;
    if dtype.kind() == Kind::UnsignedInteger {
        (format!("({name})~0ull"), format!("({name})0"))
    } else {
        (format!("({name})((1ull << {bits}) - 1)"), format!("({name})(-(i64)((1ull << {bits}) - 1) - 1)"))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_modules_have_one_name_and_no_placeholder_is_left() {
        let modules = Module::all();
        let names: BTreeSet<&str> = modules.iter().map(Module::name).collect();
        assert_eq!(names.len(), modules.len());
        for module in &modules {
            for dialect in [Dialect::Host, Dialect::Gpu] {
                let source = module.source(dialect);
                let left = source.lines().find(|line| line.contains('$'));
                assert_eq!(left, None, "{}", module.name());
            }
        }
    }
}
