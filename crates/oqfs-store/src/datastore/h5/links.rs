//! What is in a group, and which object is which.

use std::ffi::CStr;
use std::os::raw::{c_char, c_int, c_void};
use std::ptr;

use hdf5_sys::h5::{H5_INDEX_NAME, H5_ITER_INC};
use hdf5_sys::h5a::{H5A_info_t, H5Aiterate2};
use hdf5_sys::h5i::hid_t;
use hdf5_sys::h5l::{H5L_info2_t, H5Lexists, H5Lget_info2, H5Lget_val, H5Literate2};
use hdf5_sys::h5o::*;
use hdf5_sys::h5p::H5P_DEFAULT;

use serde::{Deserialize, Serialize};

use super::{Id, call, header};

/// Identifies an object within its file, whatever the path to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Token([u8; 16]);

impl Token {
    /// Of the object whose header is at an address of its file, from where that begins.
    pub(super) fn at(address: u64) -> Self {
        let mut token = [0; 16];
        token[..8].copy_from_slice(&address.to_le_bytes());
        Self(token)
    }

    /// That address.
    pub(super) fn address(self) -> u64 {
        self.0.iter().take(8).rev().fold(0, |address, byte| address << 8 | u64::from(*byte))
    }

    fn raw(self) -> H5O_token_t {
        // SAFETY: the C struct is sixteen bytes and nothing else.
        unsafe { std::mem::transmute::<[u8; 16], H5O_token_t>(self.0) }
    }
}

/// What kind of object it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ObjectKind {
    Group,
    Dataset,
    /// A named datatype.
    Datatype,
    Unknown,
}

/// An object a hard link leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkedObject {
    pub token: Token,
    pub kind: ObjectKind,
    /// How many hard links lead to it.
    pub links: u32,
}

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    Hard(LinkedObject),
    /// A path in the same file.
    Soft(Vec<u8>),
    /// A path in another file.
    External {
        file: Vec<u8>,
        path: Vec<u8>,
    },
    /// Nowhere the library can say.
    Unknown(String),
}

/// A link: its name, bytes without a slash or NUL, and where it leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    pub name: Vec<u8>,
    pub target: Target,
}

/// The names in a path; `.` is the group itself, `..` is a name like any other.
pub fn steps(path: &[u8]) -> impl DoubleEndedIterator<Item = Vec<u8>> {
    path.split(|b| *b == b'/').filter(|step| !step.is_empty() && *step != b".").map(<[u8]>::to_vec)
}

/// The object that `id` is open on.
pub(crate) fn object_of(id: hid_t) -> hdf5::Result<LinkedObject> {
    let mut info = std::mem::MaybeUninit::<RawInfo>::zeroed();
    // SAFETY: `id` is live by the contract of the caller; the library fills the struct, whose layout is the C one.
    call(|| unsafe { H5Oget_info3(id, info.as_mut_ptr().cast(), H5O_INFO_BASIC) })?;
    // SAFETY: filled, and every bit pattern is a value.
    Ok(unsafe { info.assume_init() }.object())
}

fn object_by_name(group: hid_t, name: &CStr) -> hdf5::Result<LinkedObject> {
    let mut info = std::mem::MaybeUninit::<RawInfo>::zeroed();
    // SAFETY: as above; the name ends with NUL.
    call(|| unsafe {
        H5Oget_info_by_name3(group, name.as_ptr(), info.as_mut_ptr().cast(), H5O_INFO_BASIC, H5P_DEFAULT)
    })?;
    // SAFETY: filled, and every bit pattern is a value.
    Ok(unsafe { info.assume_init() }.object())
}

/// `H5O_info2_t` with its enumeration as the integer it is: a file may hold a kind that Rust's enumeration lacks.
#[repr(C)]
#[derive(Clone, Copy)]
struct RawInfo {
    fileno: std::os::raw::c_ulong,
    token: [u8; 16],
    kind: c_int,
    links: std::os::raw::c_uint,
    times: [libc::time_t; 4],
    attrs: u64,
}

const _: () = assert!(size_of::<RawInfo>() == size_of::<H5O_info2_t>());

impl RawInfo {
    fn object(self) -> LinkedObject {
        let kind = match self.kind {
            k if k == H5O_TYPE_GROUP as c_int => ObjectKind::Group,
            k if k == H5O_TYPE_DATASET as c_int => ObjectKind::Dataset,
            k if k == H5O_TYPE_NAMED_DATATYPE as c_int => ObjectKind::Datatype,
            _ => ObjectKind::Unknown,
        };
        LinkedObject { token: Token(self.token), kind, links: self.links }
    }
}

/// The root group of the file of the object `id`.
pub(super) fn root_of(id: hid_t) -> hdf5::Result<Id> {
    // SAFETY: `id` is live by the contract of the caller, the name ends with NUL.
    Id::new(|| unsafe { H5Oopen(id, c"/".as_ptr(), H5P_DEFAULT) })
}

/// Opens an object by its identity.
pub(crate) fn open(file: hid_t, token: Token) -> hdf5::Result<Id> {
    // SAFETY: `file` is live; a token that is none of this file is refused.
    Id::new(|| unsafe { H5Oopen_by_token(file, token.raw()) })
}

/// What the library says of a link. Users may define types of links, which Rust's enumeration lacks.
type LinkInfo = std::mem::MaybeUninit<H5L_info2_t>;

/// The links of the group `id`, by name. No link is followed out of the file.
pub(crate) fn links_of(id: hid_t) -> hdf5::Result<Vec<Link>> {
    type Found = Vec<(std::ffi::CString, LinkInfo)>;
    extern "C" fn collect(_: hid_t, name: *const c_char, info: *const H5L_info2_t, found: *mut c_void) -> c_int {
        // SAFETY: the library passes a NUL-terminated name, what it knows of the link, and the pointer given to the iteration below.
        let (name, info, found) =
            unsafe { (CStr::from_ptr(name), info.cast::<LinkInfo>().read(), &mut *found.cast::<Found>()) };
        found.push((name.to_owned(), info));
        0
    }
    let mut found: Found = vec![];
    let into = ptr::from_mut(&mut found).cast();
    // SAFETY: `id` is a live group; the callback has the signature asked for and does not outlive `found`.
    call(|| unsafe { H5Literate2(id, H5_INDEX_NAME, H5_ITER_INC, ptr::null_mut(), Some(collect), into) })?;
    let link = |(name, info): &(std::ffi::CString, LinkInfo)| {
        Ok(Link { name: name.as_bytes().to_vec(), target: target_of(id, name, info)? })
    };
    found.iter().map(link).collect()
}

/// Where the link `name` of the group `id` leads; `None` if there is none, or `id` is no group.
pub(super) fn target(id: hid_t, name: &[u8]) -> hdf5::Result<Option<Target>> {
    let Ok(name) = std::ffi::CString::new(name) else { return Ok(None) };
    // SAFETY: `id` is live, the name ends with NUL.
    let exists = call(|| unsafe { H5Lexists(id, name.as_ptr(), H5P_DEFAULT) });
    if !exists.is_ok_and(|exists| exists > 0) {
        return Ok(None);
    }
    let mut info = LinkInfo::zeroed();
    // SAFETY: as above; the library fills the struct.
    call(|| unsafe { H5Lget_info2(id, name.as_ptr(), info.as_mut_ptr(), H5P_DEFAULT) })?;
    target_of(id, &name, &info).map(Some)
}

/// Where the link `name` of `group` leads, of which the library says `info`.
fn target_of(group: hid_t, name: &CStr, info: &LinkInfo) -> hdf5::Result<Target> {
    // SAFETY: the library filled it. The type of link is the first field, an int, and is read as one.
    let kind = unsafe { *info.as_ptr().cast::<c_int>() };
    Ok(match kind {
        0 => match object_by_name(group, name) {
            Ok(object) => Target::Hard(object),
            Err(e) => Target::Unknown(format!("its object cannot be read: {e}")),
        },
        1 | 64 => {
            // SAFETY: for these types all fields are values, and the meaning of the last one, a union, is the size of the link's value.
            let size = unsafe { *info.assume_init().u.val_size() };
            let mut value = vec![0u8; size];
            // SAFETY: the buffer is as large as said.
            call(|| unsafe { H5Lget_val(group, name.as_ptr(), value.as_mut_ptr().cast(), size, H5P_DEFAULT) })?;
            let mut parts = if kind == 1 { &value[..] } else { value.get(1..).unwrap_or(&[]) }.split(|b| *b == 0);
            let mut part = || parts.next().unwrap_or(&[]).to_vec();
            if kind == 1 { Target::Soft(part()) } else { Target::External { file: part(), path: part() } }
        }
        other => Target::Unknown(format!("a link of type {other}, defined by its writer")),
    })
}

/// The names of the attributes of the object `id`, by name; in the order of the file, if the library cannot decode all of them.
pub(crate) fn attr_names(id: hid_t) -> hdf5::Result<Vec<std::ffi::CString>> {
    extern "C" fn collect(_: hid_t, name: *const c_char, _: *const H5A_info_t, names: *mut c_void) -> c_int {
        // SAFETY: as for links.
        let (name, names) = unsafe { (CStr::from_ptr(name), &mut *names.cast::<Vec<std::ffi::CString>>()) };
        names.push(name.to_owned());
        0
    }
    let mut names: Vec<std::ffi::CString> = vec![];
    let into = ptr::from_mut(&mut names).cast();
    // SAFETY: `id` is live; the callback has the signature asked for and does not outlive `names`.
    let told = call(|| unsafe { H5Aiterate2(id, H5_INDEX_NAME, H5_ITER_INC, ptr::null_mut(), Some(collect), into) });
    match told {
        Ok(_) => Ok(names),
        Err(e) => header::names(id).ok().filter(|names| !names.is_empty()).ok_or(e),
    }
}
