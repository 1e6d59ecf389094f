//! What the host finds in files: hostile ones are never harmless, ordinary ones are clean.
//!
//! Small files are made here. Where a larger collection lies beside the project (`../shared/data/attachments`), that is
//! gone through as well.

use std::io::{Cursor, Write};
use std::path::Path;

use dialogo_host::facts::{FactKind, fact};
use dialogo_host::input::FactValue;
use dialogo_host::inspect::{Inspection, inspect};
use zip::write::SimpleFileOptions;

fn concerns(bytes: &[u8], name: &str) -> Vec<String> {
    let found = inspect(bytes, name, "");
    assert_documented(&found);
    found.concerns().into_iter().map(str::to_owned).collect()
}

fn assert_documented(found: &Inspection) {
    for one in &found.facts {
        let known = fact(&one.key).unwrap_or_else(|| panic!("{} is not in the table", one.key));
        let kind = match one.value {
            FactValue::Flag(_) => FactKind::Flag,
            FactValue::Number(_) => FactKind::Number,
            FactValue::Text(_) => FactKind::Text,
            FactValue::Texts(_) => FactKind::Texts,
        };
        assert_eq!(known.kind, kind, "{}", one.key);
    }
}

fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, SimpleFileOptions::default()).expect("a file");
        writer.write_all(bytes).expect("written");
    }
    writer.finish().expect("finished").into_inner()
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x0d\0\0\0\x07\x01\x03\0\0\0\xbe\x55\x59\0\0\0\0\0IEND\xaeB`\x82";
const PDF: &[u8] = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction[2 0 R/Fit]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";

fn with(start: &[u8], end: &[u8]) -> Vec<u8> {
    [start, end].concat()
}

#[test]
fn hostile_files_are_never_harmless() {
    let nested = zipped(&[("inner.zip", &zipped(&[("zeros", &vec![0; 12 << 20])]))]);
    let mut deep = zipped(&[("a.txt", b"a")]);
    for _ in 0..6 {
        deep = zipped(&[("more.zip", &deep)]);
    }
    let utf16: Vec<u8> =
        "\u{FEFF}<script>alert(1)</script>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let unmarked = utf16[2..].to_vec();
    let huge = [&PNG[..16], &[0, 0, 0x4e, 0x20, 0, 0, 0x4e, 0x20], &PNG[24..]].concat();
    let hidden_js = b"%PDF-1.4\n1 0 obj<</Type/Catalog/OpenAction<</S/J#61vaScript/J#53(app.alert(1))>>>>endobj";
    let objects = {
        let mut encoder =
            flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(b"1 0 <</S/JavaScript/JS(app.alert(1))>>").expect("written");
        let packed = encoder.finish().expect("finished");
        with(
            &with(b"%PDF-1.5\n1 0 obj<</Type/ObjStm/Filter/FlateDecode>>stream\n", &packed),
            b"\nendstream endobj",
        )
    };
    let docm = zipped(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("word/document.xml", b"<w/>"),
        ("word/vbaProject.bin", b"x"),
    ]);
    let template = zipped(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("word/_rels/settings.xml.rels", br#"<Relationship Id="a" Type="x/attachedTemplate" Target="http://a" TargetMode="External"/>"#),
    ]);
    let dde = zipped(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("xl/externalLinks/externalLink1.xml", b"<ddeLink ddeService=\"cmd\"/>"),
    ]);
    let elf = with(b"\x7fELF", &[0; 100]);
    let mz = with(b"MZ", &[0; 100]);
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("photo.jpg", b"<html><script>alert(1)</script></html>".to_vec(), "extension-mismatch"),
        ("a.txt", utf16, "active-content"),
        ("a.txt", unmarked, "active-content"),
        (
            "a.svg",
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec(),
            "active-content",
        ),
        (
            "a.svg",
            b"<?xml version='1.0'?><!-- x --><svg><script>1</script></svg>".to_vec(),
            "active-content",
        ),
        (
            "a.svg",
            b"<!DOCTYPE s [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><svg>&x;</svg>".to_vec(),
            "active-content",
        ),
        ("a.html", b"<img src=x onerror=alert(1)>".to_vec(), "active-content"),
        ("a.png", with(PNG, b"<?php system(1); ?>"), "polyglot"),
        ("a.gif", b"GIF89a/*\x01\0\x01\0\0\0\0;*/=1;alert(1);".to_vec(), "polyglot"),
        ("a.pdf", with(PDF, &zipped(&[("a.txt", b"hi")])), "polyglot"),
        ("a.png", with(PNG, &zipped(&[("a.txt", b"hi")])), "polyglot"),
        ("a.pdf", hidden_js.to_vec(), "active-content"),
        ("a.pdf", objects, "active-content"),
        ("a.pdf", b"%PDF-1.4 1 0 obj<</S/Launch/F(cmd.exe)>>endobj".to_vec(), "active-content"),
        ("a.pdf", b"%PDF-1.4 trailer<</Encrypt 5 0 R>>".to_vec(), "encrypted"),
        ("a.docx", docm, "active-content"),
        ("a.docx", template, "active-content"),
        ("a.xlsx", dde, "active-content"),
        ("a.rtf", b"{\\rtf1{\\*\\template http://a/b}}".to_vec(), "active-content"),
        ("a.csv", b"name,value\n\"=HYPERLINK(\"\"http://a\"\")\",1".to_vec(), "active-content"),
        ("a.csv", b"name,value\n@SUM(1+1)*cmd|' /C calc'!A0,2".to_vec(), "active-content"),
        ("bomb.zip", zipped(&[("zeros", &vec![0; 50 << 20])]), "archive-bomb"),
        ("nested.zip", nested, "archive-bomb"),
        ("deep.zip", deep, "archive-bomb"),
        ("slip.zip", zipped(&[("../../etc/passwd", b"x")]), "unsafe-paths"),
        ("a.zip", zipped(&[("invoice.pdf.exe", b"MZ")]), "active-content"),
        ("a.zip", b"PK\x03\x04 and then nothing that could be read".to_vec(), "damaged"),
        ("huge.png", huge, "huge-image"),
        ("a.pdf", elf.clone(), "executable"),
        ("a.jpg", mz.clone(), "executable"),
        ("noname", elf, "executable"),
        ("invoice.pdf.exe", mz.clone(), "double-extension"),
        ("invoice.exe. ", mz, "executable"),
        ("a.bat", b"@echo off".to_vec(), "active-content"),
        ("a.lnk", b"L\0\0\0\x01\x14\x02\0\0\0\0\0".to_vec(), "executable"),
        ("a.txt", b"#!/bin/sh\nrm -rf /".to_vec(), "active-content"),
        ("a\u{202E}fdp.exe", b"x".to_vec(), "unsafe-name"),
        ("../a.txt", b"x".to_vec(), "unsafe-name"),
        ("a.pdf", Vec::new(), "empty"),
    ];
    for (name, bytes, concern) in cases {
        let found = concerns(&bytes, name);
        assert!(
            found.iter().any(|one| one == concern),
            "{name}: {concern} expected, {found:?} found"
        );
    }
}

#[test]
fn ordinary_files_are_clean() {
    let docx = zipped(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("word/document.xml", b"<w:t>oi</w:t>"),
        ("_rels/.rels", b"<Relationships/>"),
    ]);
    let odt = zipped(&[
        ("mimetype", b"application/vnd.oasis.opendocument.text"),
        ("content.xml", b"<office/>"),
    ]);
    for (name, bytes) in [
        ("a.png", PNG.to_vec()),
        ("a.pdf", PDF.to_vec()),
        ("a.docx", docx),
        ("a.odt", odt),
        ("a.txt", "olá, on = off; <3 x < y && y > z".as_bytes().to_vec()),
        ("a.txt", b"S\xe3o Paulo".to_vec()),
        ("a.csv", b"nome,valor\n-12.50,+55 11 99999,a@b.com".to_vec()),
        ("a.zip", zipped(&[("notes.txt", b"hi"), ("photo.png", PNG)])),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><path d='M0 0'/></svg>".to_vec()),
        ("a.html", b"<html><body><p>oi</p></body></html>".to_vec()),
    ] {
        assert_eq!(concerns(&bytes, name), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn cut_and_random_files_do_no_harm() {
    let whole =
        zipped(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w:t>oi</w:t>")]);
    for length in 0..whole.len() {
        concerns(&whole[..length], "a.docx");
    }
    let mut state = 1_u64;
    for magic in [
        &b"PK\x03\x04"[..],
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"%PDF-1.7 stream",
        b"\xff\xd8\xff",
        PNG,
        b"RIFF....WEBPVP8 ",
        b"<svg on",
        b"BM",
    ] {
        for _ in 0..50 {
            let noise: Vec<u8> = (0..2_000)
                .map(|_| {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1_442_695_040_888_963_407);
                    (state >> 33) as u8
                })
                .collect();
            concerns(&with(magic, &noise), "a.bin");
        }
    }
}

/// The collection beside the project, if it is there: what its manifest calls hostile must not come out clean, and ordinary
/// kinds from it must.
#[test]
fn the_collection_is_told_apart() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/attachments");
    let Ok(manifest) = std::fs::read_to_string(folder.join("manifest.csv")) else { return };
    let hostile = [
        "bomb",
        "disguised",
        "double extension",
        "injection",
        "polyglot",
        "expansion",
        "OpenAction",
        "PHP",
        "active SVG",
        "XXE",
        "sniffing trap",
        "path traversal",
        "executable",
        "macro",
        "JavaScript action",
        "infinite nesting",
        "out of memory",
        "zero bytes",
    ];
    let known_active = [
        "testWORD_charts",
        "testWORD_template",
        "testSubdocument",
        "testDdeLink",
        "testInstrLink",
        "protect",
        "Macro",
        "macro",
        "truncated",
        "AppleSingle",
        "jsAction",
        "testExternalRefs",
    ];
    let ordinary = [
        "jpg", "jpeg", "png", "gif", "webp", "pdf", "docx", "xlsx", "pptx", "odt", "ods", "odp",
        "doc", "xls", "rtf", "mp3", "txt",
    ];
    let (mut seen, mut wrong) = (0, Vec::new());
    for line in manifest.lines().skip(1) {
        let path = line.split(',').next().unwrap_or_default();
        let Ok(bytes) = std::fs::read(folder.join(path)) else { continue };
        let name = path.rsplit('/').next().unwrap_or_default();
        let found = concerns(&bytes, name);
        seen += 1;
        // The note is the last column.
        let note = line
            .rsplit_once("CC0-1.0,")
            .or_else(|| line.rsplit_once("Apache-2.0,"))
            .map_or("", |(_, note)| note);
        let ending = name.rsplit('.').next().unwrap_or_default();
        if hostile.iter().any(|word| note.contains(word)) {
            if found.is_empty() {
                wrong.push(format!("{path}: hostile ({note}) and clean"));
            }
        } else if ordinary.contains(&ending)
            && !known_active.iter().any(|word| path.contains(word))
            && !found.is_empty()
        {
            wrong.push(format!("{path}: ordinary and {found:?}"));
        }
    }
    assert!(seen > 300, "{seen} files");
    assert_eq!(wrong, Vec::<String>::new());
}
