//! The first files of a guest, as an archive that a kernel unpacks: cpio, in the
//! form `newc`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Writes folders, one over the other, as an archive that a kernel unpacks.
pub fn pack(layers: &[PathBuf], archive: &Path) -> anyhow::Result<()> {
    let mut entries = BTreeMap::new();
    for layer in layers {
        gather(layer, Path::new(""), &mut entries)?;
    }
    let mut output = BufWriter::new(File::create(archive)?);
    for (number, (name, path)) in entries.iter().enumerate() {
        let metadata = fs::symlink_metadata(path)?;
        let text = if metadata.is_symlink() {
            fs::read_link(path)?.as_os_str().as_bytes().to_vec()
        } else if metadata.is_file() {
            fs::read(path)?
        } else {
            Vec::new()
        };
        let entry = cpio::newc::Builder::new(&name.to_string_lossy())
            .ino(u32::try_from(number)?)
            .mode(metadata.permissions().mode());
        let mut writer = entry.write(output, u32::try_from(text.len())?);
        writer.write_all(&text)?;
        output = writer.finish()?;
    }
    cpio::newc::trailer(output)?.flush()?;
    Ok(())
}

/// All below a folder, by its name in the guest; a folder comes before what is
/// in it.
fn gather(
    folder: &Path,
    name: &Path,
    entries: &mut BTreeMap<PathBuf, PathBuf>,
) -> std::io::Result<()> {
    for file in fs::read_dir(folder)? {
        let file = file?;
        let name = name.join(file.file_name());
        if file.file_type()?.is_dir() {
            gather(&file.path(), &name, entries)?;
        }
        entries.insert(name, file.path());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_later_folder_lies_over_an_earlier() {
        let folder = tempfile::tempdir().expect("a folder");
        let (lower, upper) = (folder.path().join("lower"), folder.path().join("upper"));
        for (file, text) in [
            ("lower/usr/a", "old"),
            ("lower/usr/b", "b"),
            ("upper/usr/a", "new"),
        ] {
            let file = folder.path().join(file);
            fs::create_dir_all(file.parent().expect("has one")).expect("makes it");
            fs::write(file, text).expect("writes");
        }
        symlink("usr", upper.join("bin")).expect("links");
        let archive = folder.path().join("archive");
        pack(&[lower, upper], &archive).expect("packs");

        let mut file = File::open(archive).expect("is there");
        let mut found = Vec::new();
        loop {
            let mut reader = cpio::newc::Reader::new(file).expect("an entry");
            if reader.entry().is_trailer() {
                break;
            }
            let mut text = String::new();
            reader.read_to_string(&mut text).expect("text");
            found.push((reader.entry().name().to_owned(), text));
            file = reader.finish().expect("goes on");
        }
        let entry = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        assert_eq!(
            found,
            [
                entry("bin", "usr"),
                entry("usr", ""),
                entry("usr/a", "new"),
                entry("usr/b", "b"),
            ]
        );
    }
}
