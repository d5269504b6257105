import { unreachable } from '../../base/invariant.ts';

/** The script that a shell sources. Candidates come from `sluice __complete`, so that it never grows old. */
export function completionScript(shell: 'bash' | 'zsh' | 'fish'): string {
  switch (shell) {
    case 'bash':
      return bash;
    case 'zsh':
      return zsh;
    case 'fish':
      return fish;
    default:
      return unreachable(shell);
  }
}

const bash = `# Completion of sluice for bash: source <(sluice completion bash)
_sluice() {
  local word line
  COMPREPLY=()
  word="\${COMP_WORDS[COMP_CWORD]}"
  while IFS= read -r line; do
    [ -n "$line" ] && COMPREPLY+=("\${line%%$'\\t'*}")
  done < <("\${COMP_WORDS[0]}" __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD-1}" "$word" 2>/dev/null)
}
complete -o default -F _sluice sluice
`;

const zsh = `#compdef sluice
# Completion of sluice for zsh: a file _sluice in a directory of $fpath, or source <(sluice completion zsh)
_sluice() {
  local line
  local -a found
  while IFS= read -r line; do
    [[ -n "$line" ]] && found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done < <("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#found} )); then
    _describe sluice found
  else
    _files
  fi
}
if [ "\${funcstack[1]}" = "_sluice" ]; then
  _sluice "$@"
else
  compdef _sluice sluice
fi
`;

const fish = `# Completion of sluice for fish: sluice completion fish > ~/.config/fish/completions/sluice.fish
function __sluice_complete
  set -l words (commandline -opc) (commandline -ct)
  $words[1] __complete -- $words[2..-1] 2>/dev/null
end
complete -c sluice -f -n 'test -n "$(__sluice_complete)"' -a '(__sluice_complete)'
`;
