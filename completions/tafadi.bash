# Bash completion of tafadi. Written by `tafadi completion bash`.
_tafadi() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
    local flags="" words=""
    COMPREPLY=()
    if [[ $COMP_CWORD -eq 1 ]]; then
        COMPREPLY=($(compgen -W "--help --version check options info convert serve token backup restore doctor ledger evidence version help" -- "$cur"))
        return
    fi
    case "${COMP_WORDS[1]} $prev" in
        "help help") words="check options info convert serve token backup restore doctor ledger evidence version help" ;;
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
        "serve --lang") words="en ar ru" ;;
        "token --lang") words="en ar ru" ;;
        "backup --lang") words="en ar ru" ;;
        "restore --lang") words="en ar ru" ;;
        "doctor --lang") words="en ar ru" ;;
        "ledger --lang") words="en ar ru" ;;
        "evidence --lang") words="en ar ru" ;;
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
        serve) flags="--config --listen --state-dir --public-key --jwks --audience --certificate --private-key --threads --grace --identity --scd-database --rid-database --aux-database --pool-lock --pool-index --locality --public-endpoint --instance-ca --database-connections --token-endpoint --clients --dummy-oauth --allow-http-base-urls --no-access-log --help --version --lang --quiet --no-color" ;;
        token) flags="--sub --aud --scope --lifetime --state-dir --hash --help --version --lang --quiet --no-color" ;;
        backup) flags="--state-dir --help --version --lang --quiet --no-color" ;;
        restore) flags="--state-dir --help --version --lang --quiet --no-color" ;;
        doctor) flags="--config --listen --state-dir --public-key --jwks --audience --certificate --private-key --threads --grace --identity --scd-database --rid-database --aux-database --pool-lock --pool-index --locality --public-endpoint --instance-ca --database-connections --token-endpoint --clients --dummy-oauth --allow-http-base-urls --no-access-log --help --version --lang --quiet --no-color" ;;
        ledger) flags="--state-dir --database --key --json --output --verify --since --kind --help --version --lang --quiet --no-color" ;;
        evidence) flags="--line --about --from --until --near --output --state-dir --database --fingerprint --json --help --version --lang --quiet --no-color" ;;
        version) flags="--help --version --lang --quiet --no-color" ;;
        help) flags="--help --version --lang --quiet --no-color" ;;
    esac
    if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W "$flags" -- "$cur"))
    fi
}
complete -o default -F _tafadi tafadi
