#!/usr/bin/env python3
"""Makes plugin.h and plugin.c anew from ../wit, after the contract has changed.

    cargo install wit-bindgen-cli --version 0.61.1
    python3 sdk/c/generate.py

A test fails as long as the contract is another one than that of plugin.h. What wit-bindgen makes is for one world. Here it is made for the world with every hook, and the exported functions of each
hook are put between `#ifdef DIALOGO_HOOK_…` and `#endif`, so that a plugin has exactly those it chose: `dialogo plugin build`
defines them from the plugin's manifest. It also adds the component's type, which is why the reference to an object file with it is
taken out.
"""

import hashlib
import pathlib
import re
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
CONTRACT = HERE.parent / "wit" / "dialogo-plugin.wit"


def interfaces(contract):
    """What `world imports` names, and the hooks: everything that is exported by some world."""
    imports = re.search(r"world imports \{(.*?)\}", contract, re.S).group(1)
    hooks = dict.fromkeys(re.findall(r"\bexport ([a-z-]+);", contract))
    return re.findall(r"\bimport ([a-z-]+);", imports), list(hooks)


def generated():
    contract = CONTRACT.read_text()
    package = re.search(r"^package .*?;", contract, re.M).group(0)
    imports, hooks = interfaces(contract)
    lines = [f"import {name};" for name in imports] + [f"export {name};" for name in hooks]
    with tempfile.TemporaryDirectory() as home:
        wit, out = pathlib.Path(home, "wit"), pathlib.Path(home, "out")
        wit.mkdir()
        out.mkdir()
        (wit / "dialogo-plugin.wit").write_text(contract)
        (wit / "plugin.wit").write_text(f"{package}\nworld plugin {{ {' '.join(lines)} }}\n")
        command = ["wit-bindgen", "c", str(wit), "--world", "plugin", "--out-dir", str(out)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return (out / "plugin.h").read_text(), (out / "plugin.c").read_text()


def by_hook(code):
    """The adapters, each hook's own between #ifdef and #endif."""
    code, _ = code.split("// Ensure that the *_component_type.o object is linked in")
    head, adapters = code.split("// Component Adapters")
    out, present = [], None
    for line in adapters.splitlines():
        found = re.search(r'__export_name__\("(?:cabi_post_)?dialogo:plugin/([a-z-]+)@', line)
        if found and found.group(1) != present:
            if present:
                out.append("#endif")
            present = found.group(1)
            out.append(f"#ifdef DIALOGO_HOOK_{present.upper().replace('-', '_')}")
        out.append(line)
    return head + "// Component Adapters" + "\n".join(out) + "\n#endif\n"


def main():
    header, code = generated()
    # Without comments and spaces, as the test looks at it.
    plain = "".join(re.sub(r"//.*", "", CONTRACT.read_text()).split())
    digest = hashlib.sha256(plain.encode()).hexdigest()
    first = f"// Made by generate.py from the contract with SHA-256 {digest}, comments and spaces left out.\n"
    (HERE / "plugin.h").write_text(first + header)
    (HERE / "plugin.c").write_text(first + by_hook(code))


main()
