# Bash completion of tafadi. Written by `tafadi completion bash`.
_tafadi() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
    local flags="" words=""
    COMPREPLY=()
    if [[ $COMP_CWORD -eq 1 ]]; then
        COMPREPLY=($(compgen -W "--help --version check options info convert serve party account line op site zone policy ledger evidence token backup restore doctor version help" -- "$cur"))
        return
    fi
    case "${COMP_WORDS[1]} $prev" in
        "help help") words="check options info convert serve party account line op site zone policy ledger evidence token backup restore doctor version help" ;;
        "check --format") words="geojson kml kmz ed269 ed318 f3548 openair aco csv gpx opensky readsb" ;;
        "check --kind") words="other crewed rotorcraft uncrewed ground sea hazard balloon" ;;
        "check --as") words="operations sites zones" ;;
        "check --lang") words="en ar ru" ;;
        "options --moves") words="time level lateral" ;;
        "options --format") words="geojson kml kmz ed269 ed318 f3548 openair aco csv gpx opensky readsb" ;;
        "options --kind") words="other crewed rotorcraft uncrewed ground sea hazard balloon" ;;
        "options --as") words="operations sites zones" ;;
        "options --lang") words="en ar ru" ;;
        "info --format") words="geojson kml kmz ed269 ed318 f3548 openair aco csv gpx opensky readsb" ;;
        "info --kind") words="other crewed rotorcraft uncrewed ground sea hazard balloon" ;;
        "info --as") words="operations sites zones" ;;
        "info --lang") words="en ar ru" ;;
        "convert --from") words="geojson kml kmz ed269 ed318 f3548 openair aco csv gpx opensky readsb" ;;
        "convert --to") words="geojson kml kmz ed269 ed318 f3548 openair aco csv gpx opensky readsb" ;;
        "convert --format") words="geojson kml kmz ed269 ed318 f3548 openair aco csv gpx opensky readsb" ;;
        "convert --kind") words="other crewed rotorcraft uncrewed ground sea hazard balloon" ;;
        "convert --as") words="operations sites zones" ;;
        "convert --lang") words="en ar ru" ;;
        "serve --pool-lock") words="subscriptions global hash none" ;;
        "serve --pool-index") words="count time" ;;
        "serve --uss-operations") words="none uncrewed all" ;;
        "serve --lang") words="en ar ru" ;;
        "party party") words="init set card add list fingerprint rotate" ;;
        "party --lang") words="en ar ru" ;;
        "account account") words="add list disable enable password token tokens revoke" ;;
        "account --lang") words="en ar ru" ;;
        "line line") words="open list show say text phrase phrases notice danger ack answer suspend resume close memo drill alarms clear history watch export import post" ;;
        "line --lang") words="en ar ru" ;;
        "op op") words="add import list show history submit accept recall hold check options case cases declared disown position repeat activate depart recover lose end withdraw reports report" ;;
        "op case") words="show options propose agree decline" ;;
        "op --lang") words="en ar ru" ;;
        "site site") words="import list show verify withdraw" ;;
        "site --lang") words="en ar ru" ;;
        "zone zone") words="import list show withdraw" ;;
        "zone --lang") words="en ar ru" ;;
        "policy policy") words="show set" ;;
        "policy --lang") words="en ar ru" ;;
        "ledger --lang") words="en ar ru" ;;
        "evidence --lang") words="en ar ru" ;;
        "token --lang") words="en ar ru" ;;
        "backup --lang") words="en ar ru" ;;
        "restore --lang") words="en ar ru" ;;
        "doctor --pool-lock") words="subscriptions global hash none" ;;
        "doctor --pool-index") words="count time" ;;
        "doctor --uss-operations") words="none uncrewed all" ;;
        "doctor --lang") words="en ar ru" ;;
        "version --lang") words="en ar ru" ;;
        "help --lang") words="en ar ru" ;;
    esac
    if [[ -n $words ]]; then
        COMPREPLY=($(compgen -W "$words" -- "$cur"))
        return
    fi
    case ${COMP_WORDS[1]} in
        check) flags="--json --geojson --report --svg --title --options --separation --separation-table --with-drafts --from --until --only --against --format --party --kind --as --keep-going --area --half-width --site-radius --terrain --help --version --lang --quiet --no-color" ;;
        options) flags="--for --moves --earliest --latest --time-step --floor --ceiling --max-level-change --level-step --max-offset --max-extra-distance --max --json --geojson --output --take --separation --separation-table --with-drafts --format --party --kind --as --keep-going --area --half-width --site-radius --terrain --help --version --lang --quiet --no-color" ;;
        info) flags="--format --party --kind --as --keep-going --area --half-width --site-radius --terrain --help --version --lang --quiet --no-color" ;;
        convert) flags="--from --to --format --party --kind --as --keep-going --area --half-width --site-radius --terrain --help --version --lang --quiet --no-color" ;;
        serve) flags="--config --listen --state-dir --public-key --jwks --audience --certificate --private-key --threads --grace --identity --scd-database --rid-database --aux-database --pool-lock --pool-index --locality --public-endpoint --instance-ca --database-connections --token-endpoint --clients --dummy-oauth --allow-http-base-urls --party-database --passphrase-file --public-url --peer-ca --allow-http-peers --witness --webhook --webhook-secret --alarm-command --alarm-mail --sendmail --map-tiles --uss-base-url --dss-url --dss-token-subject --dss-token-file --dss-token-url --dss-token-client --uss-operations --no-uss-constraints --flight-planning --no-access-log --help --version --lang --quiet --no-color" ;;
        party) case ${COMP_WORDS[2]} in
        init) flags="--id --title --url --admin --password-file --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        set) flags="--title --url --no-url --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        card) flags="--output --text --qr --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        add) flags="--state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        list) flags="--state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        fingerprint) flags="--state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        rotate) flags="--state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        esac ;;
        account) case ${COMP_WORDS[2]} in
        add) flags="--roles --title --password-file --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        list) flags="--state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        disable) flags="--state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        enable) flags="--state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        password) flags="--password-file --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        token) flags="--roles --title --lifetime --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        tokens) flags="--state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        revoke) flags="--state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        esac ;;
        line) case ${COMP_WORDS[2]} in
        open) flags="--role --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        list) flags="--state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        show) flags="--limit --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        say) flags="--type --body --role --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        text) flags="--type --language --role --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        phrase) flags="--role --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        phrases) flags="--help --version --lang --quiet --no-color" ;;
        notice) flags="--at --radius --lower --upper --from --until --volume --kind --text --language --amends --role --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        danger) flags="--type --at --time --language --role --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        ack) flags="--at --from --until --role --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        answer) flags="--assessment --reason --language --role --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        suspend) flags="--reason --role --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        resume) flags="--reason --role --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        close) flags="--reason --role --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        memo) flags="--days --counters --reason --role --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        drill) flags="--role --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        alarms) flags="--cleared --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        clear) flags="--state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        history) flags="--limit --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        watch) flags="--limit --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        export) flags="--output --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        import) flags="--state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        post) flags="--peer-ca --allow-http-peers --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        esac ;;
        op) case ${COMP_WORDS[2]} in
        add) flags="--feature --id --name --kind --at --radius --lower --upper --start --end --priority --disclosure --template --submit --allow --options --role --reason --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        import) flags="--replace --submit --all --role --format --party --kind --as --keep-going --area --half-width --site-radius --terrain --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        list) flags="--state --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        show) flags="--state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        history) flags="--state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        submit) flags="--allow --options --if-match --role --reason --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        accept) flags="--allow --options --if-match --role --reason --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        recall) flags="--allow --options --if-match --role --reason --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        hold) flags="--allow --options --if-match --role --reason --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        check) flags="--state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        options) flags="--state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        case) case ${COMP_WORDS[3]} in
        show) flags="--state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        options) flags="--state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        propose) flags="--option --expires --of --role --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        agree) flags="--of --role --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        decline) flags="--of --role --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        esac ;;
        cases) flags="--all --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        declared) flags="--all --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        disown) flags="--role --reason --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        position) flags="--at --altitude --time --accuracy --height-accuracy --role --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        repeat) flags="--every --count --until --days --submit --role --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        activate) flags="--allow --options --if-match --role --reason --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        depart) flags="--allow --options --if-match --role --reason --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        recover) flags="--allow --options --if-match --role --reason --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        lose) flags="--allow --options --if-match --role --reason --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        end) flags="--allow --options --if-match --role --reason --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        withdraw) flags="--allow --options --if-match --role --reason --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        reports) flags="--state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        report) flags="--state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        esac ;;
        site) case ${COMP_WORDS[2]} in
        import) flags="--replace --all --role --format --party --kind --as --keep-going --area --half-width --site-radius --terrain --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        list) flags="--state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        show) flags="--state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        verify) flags="--note --if-match --role --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        withdraw) flags="--reason --if-match --role --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        esac ;;
        zone) case ${COMP_WORDS[2]} in
        import) flags="--replace --all --role --format --party --kind --as --keep-going --area --half-width --site-radius --terrain --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        list) flags="--state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        show) flags="--state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        withdraw) flags="--reason --if-match --role --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        esac ;;
        policy) case ${COMP_WORDS[2]} in
        show) flags="--state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        set) flags="--if-version --role --state-dir --party-database --passphrase-file --actor --json --help --version --lang --quiet --no-color" ;;
        esac ;;
        ledger) flags="--state-dir --database --key --json --output --verify --since --kind --help --version --lang --quiet --no-color" ;;
        evidence) flags="--line --about --incident --case --from --until --near --output --state-dir --database --fingerprint --json --help --version --lang --quiet --no-color" ;;
        token) flags="--sub --aud --scope --lifetime --state-dir --hash --help --version --lang --quiet --no-color" ;;
        backup) flags="--state-dir --help --version --lang --quiet --no-color" ;;
        restore) flags="--state-dir --help --version --lang --quiet --no-color" ;;
        doctor) flags="--config --listen --state-dir --public-key --jwks --audience --certificate --private-key --threads --grace --identity --scd-database --rid-database --aux-database --pool-lock --pool-index --locality --public-endpoint --instance-ca --database-connections --token-endpoint --clients --dummy-oauth --allow-http-base-urls --party-database --passphrase-file --public-url --peer-ca --allow-http-peers --witness --webhook --webhook-secret --alarm-command --alarm-mail --sendmail --map-tiles --uss-base-url --dss-url --dss-token-subject --dss-token-file --dss-token-url --dss-token-client --uss-operations --no-uss-constraints --flight-planning --no-access-log --help --version --lang --quiet --no-color" ;;
        version) flags="--help --version --lang --quiet --no-color" ;;
        help) flags="--help --version --lang --quiet --no-color" ;;
    esac
    if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W "$flags" -- "$cur"))
    fi
}
complete -o default -F _tafadi tafadi
