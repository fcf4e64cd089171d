//! The capabilities that a library may lack, and the calls that are then excused.

use array_assay_interface::DType;
use serde::Deserialize;

use crate::expr::Expr;
use crate::{Function, facts};

/// A capability that a library may lack.
#[derive(Debug, Clone, PartialEq)]
pub struct Capability {
    /// The name, as `capabilities()` has it.
    pub name: String,
    /// Whether the standard permits a library to lack it.
    pub permitted: bool,
    /// The page of the standard about it.
    pub page: String,
    /// The dtype, if the capability is a dtype.
    pub dtype: Option<DType>,
    /// Paths of functions. A dtype that all of them refuse exists only by name.
    pub operations: Vec<String>,
    /// The largest number of axes that does not need the capability, if it is about that number.
    pub above_rank: Option<usize>,
    /// Whether a library that builds graphs may lack any part of it.
    pub graphs: bool,
    /// The class of exceptions with which any library may refuse a call that needs it.
    pub refusal: Option<String>,
    /// The calls that need it.
    pub excuses: Vec<Excuse>,
}

/// Calls that need a capability.
#[derive(Debug, Clone, PartialEq)]
pub struct Excuse {
    /// The functions, as `category/name`.
    pub functions: Vec<String>,
    /// The condition on facts of the call. Without one, every call of the functions needs the capability.
    pub when: Option<Expr>,
}

impl Excuse {
    /// Whether the calls may be calls of this function.
    pub fn names(&self, function: &Function) -> bool {
        self.functions.iter().any(|name| name.split_once('/') == Some((function.category.as_str(), function.name.as_str())))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawCapability {
    name: String,
    permitted: bool,
    page: String,
    dtype: Option<DType>,
    #[serde(default)]
    operations: Vec<String>,
    above_rank: Option<usize>,
    #[serde(default)]
    graphs: bool,
    refusal: Option<String>,
    #[serde(default)]
    excuses: Vec<RawExcuse>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawExcuse {
    functions: Vec<String>,
    when: Option<String>,
}

impl RawCapability {
    /// Makes the capability. An error is a text of the entry, and what is wrong with it.
    pub fn build(mut self, functions: &[Function]) -> Result<Capability, (String, String)> {
        let excuses = std::mem::take(&mut self.excuses).into_iter().map(|raw| raw.build(functions)).collect::<Result<_, _>>()?;
        if let Some(path) = self.operations.iter().find(|path| !functions.iter().any(|f| f.is_elementwise() && f.path() == **path)) {
            return Err((path.clone(), format!("`{path}` is no element-wise function of the spec")));
        }
        let RawCapability { name, permitted, page, dtype, operations, above_rank, graphs, refusal, .. } = self;
        Ok(Capability { name, permitted, page, dtype, operations, above_rank, graphs, refusal, excuses })
    }
}

impl RawExcuse {
    fn build(self, functions: &[Function]) -> Result<Excuse, (String, String)> {
        let parse = |text: &String| Expr::parse(text).map_err(|error| (text.clone(), error.why));
        let excuse = Excuse { when: self.when.as_ref().map(parse).transpose()?, functions: self.functions };
        for name in &excuse.functions {
            let alone = Excuse { functions: vec![name.clone()], when: None };
            let function = functions.iter().find(|function| alone.names(function));
            let function = function.ok_or_else(|| (name.clone(), format!("`{name}` is no function of the spec")))?;
            let facts = facts(&function.parameters);
            let names: Vec<&str> = facts.iter().map(String::as_str).collect();
            if let Some((why, _)) = excuse.when.as_ref().and_then(|when| when.unknown(&names, &[])) {
                return Err((name.clone(), format!("{name}: {why}")));
            }
        }
        Ok(excuse)
    }
}
