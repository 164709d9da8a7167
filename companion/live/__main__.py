"""Write the live figures' generated JavaScript anew: `python -m companion.live`."""

from companion.live import generated

for file, text in generated.files().items():
    file.write_text(text, encoding="utf-8", newline="\n")
    print(f"{file.name}: written")
