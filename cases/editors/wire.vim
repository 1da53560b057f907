" Vim syntax for the wire notation (cases/README.md).
" Install: copy to ~/.vim/syntax/wire.vim, and add to your vimrc:
"   autocmd BufNewFile,BufRead *.wire setfiletype wire

if exists("b:current_syntax")
  finish
endif

syn case match
syn iskeyword @,48-57,-,_

syn keyword wireDeclaration wire let case about covers see needs tags target limit each in
syn keyword wireBlock either or burst repeat as end
syn keyword wireFrame text binary cont close ping pong frame
syn keyword wireSend bytes head eof reset request upgrade stomp response
syn keyword wireExpect fail gone refused secured series kept error must beat within by none
syn keyword wireField fin rsv op len lenbits mask split chop gap offer protocol origin path tls alpn sni cert host url field proxy record
syn keyword wireField count lost repeated reordered body eol pieces tail
syn keyword wireEdit set add drop raw method version has lacks
syn keyword wireAction open connect finish mute answer quiet pause stall read note again shut operator login join say hear leave
syn keyword wireConstant good bad pass weak info server client hop any crlf
syn keyword wireFunction fill noise utf8 sample slice json bomb sha1 base64 unbase64 swap-case deflate deflate-stored deflate-fixed deflate-dynamic
syn keyword wireFunction deflate-final deflate-blocks deflate-keep-tail deflate-window message

syn match wireNumber "\<0x\x\+\>\|\<\d\+[KMG]\?\>\|\<\d\+\%(\.\d\+\)\?\%(ns\|us\|ms\|s\)\>"
syn match wireMoment "@\d\+\%(\.\d\+\)\?\%(ns\|us\|ms\|s\)"
syn match wireVariable "\$[A-Za-z0-9_-]\+"
syn match wireDirection "^\s*[<>]\|\%(@\S\+\s\+\)\@<=[<>]"
syn match wireEscape contained "\\\%([nrt\"\\]\|x\x\x\|u{\x\+}\)"
syn region wireString start=+"+ end=+"\|$+ contains=wireEscape
syn match wireHex +x"[0-9A-Fa-f \t]*"+
syn match wireReference "\%(^\s*\%(case\|covers\|see\|needs\|tags\)\s\+\)\@<=.*$" contains=wireVariable,wireComment
syn match wireComment "\%(^\|\s\)#.*$"

hi def link wireDeclaration Keyword
hi def link wireBlock Conditional
hi def link wireFrame Type
hi def link wireSend Statement
hi def link wireExpect Statement
hi def link wireField Identifier
hi def link wireEdit Operator
hi def link wireAction Statement
hi def link wireConstant Constant
hi def link wireFunction Function
hi def link wireNumber Number
hi def link wireMoment Comment
hi def link wireVariable Identifier
hi def link wireDirection Special
hi def link wireEscape SpecialChar
hi def link wireString String
hi def link wireHex Number
hi def link wireReference Underlined
hi def link wireComment Comment

let b:current_syntax = "wire"
