//! Access control lists of views: who may read a view is who may read its datastore.
//!
//! A list is an extended attribute: a version, then entries of a tag, permissions and an id, little-endian
//! (`linux/posix_acl_xattr.h`).

use super::FileKind;

/// The extended attribute that is the list of a file.
pub const ACCESS_ACL: &str = "system.posix_acl_access";

const HEAD: usize = 4;
const ENTRY: usize = 8;
/// Where the permissions of an entry are.
const PERMISSIONS: usize = 2;
const OWNER: u16 = 1;

const READ: u16 = 4;
const WRITE: u16 = 2;
const SEARCH: u16 = 1;

/// The list of a file or directory of a view, from that of the datastore or, `of_folder`, of the folder that it is in: who may read there
/// may read here, and the owner may write as far as the kernel knows. `None` of what is no list.
pub fn of_view(list: &[u8], of_folder: bool, kind: FileKind) -> Option<Vec<u8>> {
    let mut list = list.to_vec();
    let entries = list.get_mut(HEAD..)?;
    if entries.len() % ENTRY != 0 {
        return None;
    }
    for entry in entries.chunks_exact_mut(ENTRY) {
        let number = |at: usize| u16::from_le_bytes([entry[at], entry[at + 1]]);
        let (tag, had) = (number(0), number(PERMISSIONS));
        let needed = if of_folder { READ | SEARCH } else { READ };
        let reads = if had & needed == needed { READ } else { 0 };
        let looks_in = if reads != 0 && kind == FileKind::Dir { SEARCH } else { 0 };
        let writes = if tag == OWNER { WRITE } else { 0 };
        entry[PERMISSIONS..PERMISSIONS + 2].copy_from_slice(&(reads | looks_in | writes).to_le_bytes());
    }
    Some(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(entries: &[(u16, u16, u32)]) -> Vec<u8> {
        let entry = |(tag, permissions, id): &(u16, u16, u32)| {
            [&tag.to_le_bytes()[..], &permissions.to_le_bytes(), &id.to_le_bytes()].concat()
        };
        [2u32.to_le_bytes().to_vec(), entries.iter().flat_map(entry).collect()].concat()
    }

    #[test]
    fn who_may_read_the_datastore_may_read_its_view() {
        const ANY: u32 = u32::MAX;
        let datastore = list(&[(1, 4, ANY), (2, 0, 7), (2, 7, 8), (4, 4, ANY), (0x10, 6, ANY), (0x20, 2, ANY)]);
        let file = list(&[(1, 6, ANY), (2, 0, 7), (2, 4, 8), (4, 4, ANY), (0x10, 4, ANY), (0x20, 0, ANY)]);
        assert_eq!(of_view(&datastore, false, FileKind::File), Some(file));
        let folder = list(&[(1, 7, ANY), (2, 0, 7), (2, 5, 8), (4, 5, ANY), (0x10, 5, ANY), (0x20, 0, ANY)]);
        assert_eq!(of_view(&datastore, false, FileKind::Dir), Some(folder));
        let closed = list(&[(1, 7, ANY), (2, 4, 7)]);
        assert_eq!(of_view(&closed, true, FileKind::Dir), Some(list(&[(1, 7, ANY), (2, 0, 7)])));
        assert_eq!(of_view(&datastore[..9], false, FileKind::File), None);
        assert_eq!(of_view(&[], false, FileKind::File), None);
    }
}
