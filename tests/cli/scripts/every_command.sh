# Every command for scripts, on a served desk, with one failing case of each kind. Ends with the number of failed lines.
# $1: an open ticket, $2: a New one, $3: one to be moved, $4: a folder for what is printed.

first=$1 second=$2 third=$3 out=$4
failed=0

expect() {  # CODE NAME COMMAND...: standard output goes to NAME.out, standard error to NAME.err
    local code=$1 name=$2 ended
    shift 2
    "$@" >"$out/$name.out" 2>"$out/$name.err"
    ended=$?
    if [ "$ended" -ne "$code" ]; then
        echo "$name: ended with $ended, not $code: $(cat "$out/$name.err")" >&2
        failed=$((failed + 1))
    fi
}

says() {  # NAME TEXT: what was printed or said has the text
    if ! grep -qF -- "$2" "$out/$1.out" "$out/$1.err"; then
        echo "$1: does not say \"$2\": $(cat "$out/$1.out" "$out/$1.err")" >&2
        failed=$((failed + 1))
    fi
}

expect 0 list supporttui list --sort id
says list "#$first"
expect 0 list-json supporttui list "status:new,open" --json
expect 0 list-negated supporttui list -tag:old --sort id
says list-negated "#$second"
expect 0 list-live supporttui list --live Board --json
expect 0 show supporttui show "#$first"
says show "It stays empty."

echo "We are on it." | expect 0 reply supporttui reply "$first" - --status awaiting
says reply "#$first replied to, now Awaiting your reply"
echo "Which version?" | expect 0 reply-json supporttui reply "$first" - --json
expect 0 note supporttui note "$first" "Looks like the proxy."
says note "#$first noted"
expect 0 note-json supporttui note "$first" --body "And again." --json
expect 0 move supporttui move "$third" hold
says move "now On-Hold"
expect 0 move-dry-run supporttui move "$third" closed --dry-run --json
expect 0 move-again supporttui move "$third" hold --json
expect 0 assign-me supporttui assign "$second" me --json
expect 0 assign-address supporttui assign "$third" sam@desk.example
says assign-address "assigned to Sam Roe"
expect 0 assign-name supporttui assign "$first" "sam roe"
expect 0 assign-nobody supporttui assign "$first" nobody
says assign-nobody "assigned to nobody"
expect 0 tag supporttui tag "$first" +vip +hot -old --json
expect 0 tag-remove supporttui tag "$first" -hot
printf 'trace\n' >"$out/trace.log"
expect 0 attach supporttui attach "$first" "$out/trace.log" --json
expect 0 submit supporttui submit --severity 3 --subject "From a script" --description "It is." \
    --requester ada@customer.example --json
expect 0 show-json supporttui show "$first" --json

expect 0 bulk-dry-run supporttui bulk "$first" "$second" --tag +swept --dry-run --json
supporttui list --sort id --limit 3 | expect 0 bulk-tag supporttui bulk - --tag +swept --json
expect 0 bulk-severity supporttui bulk --filter "id:$first,$second" --severity 2 --json
expect 0 bulk-assign supporttui bulk "$first" "$second" --assign me
expect 2 bulk-unasked supporttui bulk "$first" "$second" --reply "It works again."
says bulk-unasked "--yes-to 1"
expect 2 bulk-other-number supporttui bulk "$first" "$second" --reply "It works again." --yes-to 2
expect 0 bulk-reply supporttui bulk "$first" "$second" --reply "It works again." --yes-to 1 --json
expect 0 bulk-note supporttui bulk "$first" "$second" --note "Told both."
expect 6 bulk-move supporttui bulk "$first" "$second" 424242 --move closed --json
expect 6 bulk-refused supporttui bulk "$first" "$third" --move awaiting
says bulk-refused "#$first refused"

expect 6 unknown-ticket supporttui reply 424242 "Hello?"
expect 6 unknown-ticket-shown supporttui show 424242
expect 6 refused-move supporttui move "$first" hold --json
says refused-move "not"
expect 2 no-text supporttui note "$first" ""
expect 2 no-text-on-stdin supporttui reply "$first" - </dev/null
expect 2 ambiguous-name supporttui assign "$first" "Kim Lee"
says ambiguous-name "kim@desk.example"
says ambiguous-name "kim.other@desk.example"
expect 2 unknown-name supporttui assign "$first" Nobodyelse
expect 2 malformed-filter supporttui list "sev:9"
says malformed-filter "at '9'"
expect 2 malformed-bulk-filter supporttui bulk --filter "stat:open" --move closed
expect 2 malformed-ticket supporttui move "12 3" closed
expect 2 other-desk supporttui move "elsewhere:12" closed
expect 2 malformed-tag supporttui tag "$first" vip
expect 5 wrong-token env SUPPORTTUI_TOKEN="$WRONG_TOKEN" supporttui list --live
expect 5 wrong-token-write env SUPPORTTUI_TOKEN="$WRONG_TOKEN" supporttui note "$second" "Kept."
expect 4 no-network env SUPPORTTUI_URL=http://127.0.0.1:1 supporttui list
expect 4 no-network-write env SUPPORTTUI_URL=http://127.0.0.1:1 supporttui reply "$first" "Lost in the air." --json
says no-network-write "Nothing is lost"
expect 10 no-board supporttui context
says no-board "no board of yours is running"
exit "$failed"
