#!/bin/sh
# Prints the HTML file $1 as constants for status_page.cpp: the page, in literals of a hundred lines,
# and the policy that lets its own style and script run (by their hashes) and nothing else.
set -eu
page=$1

# The base64 of the SHA-256 of what is between the lines <$1> and </$1>.
hash_of() {
    { echo && sed -n "/^<$1>\$/,/^<\/$1>\$/p" "$page" | sed '1d;$d'; } | # (the first tag's newline counts)
        sha256sum | cut -c1-64 | tr a-f A-F | basenc --base16 -d | base64
}

! grep -qF ')page"' "$page" || { echo "$page holds the end of its literal" >&2; exit 1; }
script=$(hash_of script)
style=$(hash_of style)
cat <<END
// Made from $page.
namespace kcs {
inline constexpr char kPage[] =
    R"page($(awk 'NR > 1 && NR % 100 == 1 { print ")page\""; printf "    R\"page(" } { print }' "$page")
)page";
inline constexpr char kPolicy[] =
    "default-src 'none'; script-src 'sha256-$script'; style-src 'sha256-$style'; "
    "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
} // namespace kcs
END
